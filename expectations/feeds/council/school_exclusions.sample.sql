-- A made-up academic year of suspensions and permanent exclusions: about 7,000 and 80, most of them
-- from secondary schools and for persistent disruption. Up to three reasons each, so reasons add to
-- some 15 % more; a percentage of nothing is `z` and one that rounds to nothing `low`.
-- Round figures; nobody's statistics.
with
    school(school_type, permanent_share, suspension_share) as (
        values ('Primary', 0.10, 0.12), ('Secondary', 0.86, 0.84), ('Special', 0.04, 0.04)
    ),
    reason(reason, perm, susp) as (
        values
            ('physical_pupils', 0.9, 12),
            ('physical_adult', 0.5, 16),
            ('verbal_pupil', 0.4, 7),
            ('verbal_adult', 0.45, 24),
            ('bullying', 0.15, 2),
            ('racist_abuse', 0.1, 2.3),
            ('sexual_misconduct', 0.12, 1),
            ('drug_alcohol', 0.55, 4),
            ('damage', 0.25, 4.5),
            ('theft', 0.08, 1.2),
            ('persistent_disruptive', 1.6, 62),
            ('other', 0.35, 9),
            ('abuse_disability', 0.03, 0.4),
            ('abuse_sex_gender', 0.05, 1.4),
            ('media_technology', 0.1, 2.6),
            ('offensive_weapon', 0.5, 1.6),
            ('public_health', 0.01, 0.1)
    ),
    drawn as (
        select
            school.school_type,
            kinds.kind,
            reason.reason,
            chance(
                expected(
                    if(
                        kinds.kind = 'perm',
                        reason.perm * school.permanent_share * 1.3,
                        reason.susp * school.suspension_share * 4.5
                    ),
                    'plain'
                ),
                u(school.school_type || kinds.kind, reason.reason)
            ) as given
        from school
        cross join reason
        cross join (values ('perm'), ('susp')) as kinds(kind)
    ),
    by_school as (
        select *
        from drawn
        union all
        select school_type, kind, 'all' as reason, ceil(sum(given) / 1.15)::bigint as given
        from drawn
        group by school_type, kind
    ),
    counted as (
        select *
        from by_school
        union all
        select 'Total' as school_type, kind, reason, sum(given)::bigint as given
        from by_school
        group by kind, reason
    ),
    shared as (
        select
            *,
            100
            * given
            / max(given) filter (where reason = 'all') over (
                partition by school_type, kind
            ) as share
        from counted
    ),
    cell as (
        select school_type, kind || '_' || reason as cell, given::varchar as written
        from shared
        union all
        select
            school_type,
            kind || '_' || reason || '_perc' as cell,
            case
                when coalesce(isnan(share), true)
                then 'z'
                when share > 0 and share < 0.05
                then 'low'
                else printf('%.1f', share)
            end as written
        from shared
        where reason <> 'all'
    ),
    wide as (
        pivot cell
        on cell in (
            'perm_physical_pupils',
            'perm_physical_adult',
            'perm_verbal_pupil',
            'perm_verbal_adult',
            'perm_bullying',
            'perm_racist_abuse',
            'perm_sexual_misconduct',
            'perm_drug_alcohol',
            'perm_damage',
            'perm_theft',
            'perm_persistent_disruptive',
            'perm_other',
            'perm_abuse_disability',
            'perm_abuse_sex_gender',
            'perm_media_technology',
            'perm_offensive_weapon',
            'perm_public_health',
            'perm_all',
            'perm_physical_pupils_perc',
            'perm_physical_adult_perc',
            'perm_verbal_pupil_perc',
            'perm_verbal_adult_perc',
            'perm_bullying_perc',
            'perm_racist_abuse_perc',
            'perm_sexual_misconduct_perc',
            'perm_drug_alcohol_perc',
            'perm_damage_perc',
            'perm_theft_perc',
            'perm_persistent_disruptive_perc',
            'perm_other_perc',
            'perm_abuse_disability_perc',
            'perm_abuse_sex_gender_perc',
            'perm_media_technology_perc',
            'perm_offensive_weapon_perc',
            'perm_public_health_perc',
            'susp_physical_pupils',
            'susp_physical_adult',
            'susp_verbal_pupil',
            'susp_verbal_adult',
            'susp_bullying',
            'susp_racist_abuse',
            'susp_sexual_misconduct',
            'susp_drug_alcohol',
            'susp_damage',
            'susp_theft',
            'susp_persistent_disruptive',
            'susp_other',
            'susp_abuse_disability',
            'susp_abuse_sex_gender',
            'susp_media_technology',
            'susp_offensive_weapon',
            'susp_public_health',
            'susp_all',
            'susp_physical_pupils_perc',
            'susp_physical_adult_perc',
            'susp_verbal_pupil_perc',
            'susp_verbal_adult_perc',
            'susp_bullying_perc',
            'susp_racist_abuse_perc',
            'susp_sexual_misconduct_perc',
            'susp_drug_alcohol_perc',
            'susp_damage_perc',
            'susp_theft_perc',
            'susp_persistent_disruptive_perc',
            'susp_other_perc',
            'susp_abuse_disability_perc',
            'susp_abuse_sex_gender_perc',
            'susp_media_technology_perc',
            'susp_offensive_weapon_perc',
            'susp_public_health_perc'
        )
        using first(written)
        group by school_type
    )
select
    'Academic year' as time_identifier,
    left(asked.period, 4) || right(asked.period, 2) as time_period,
    'Local authority' as geographic_level,
    'E92000001' as country_code,
    'England' as country_name,
    area.region_code,
    'Synthetic region' as region_name,
    '999' as old_la_code,
    area.area_code as new_la_code,
    area.area_name as la_name,
    wide.school_type,
    wide.* exclude (school_type)
from wide
cross join asked
cross join area
order by list_position(['Total', 'Primary', 'Secondary', 'Special'], wide.school_type)
