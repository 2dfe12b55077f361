-- Macros shared by the other queries: keys of cells, years, and rounding.
create or replace temp macro year_starts(label) as make_date(cast(label[1:4] as integer), 4, 1)
;
-- The key of a cell of `figures`, as text.
create or replace temp macro cell_of(measure_id, area_type, area_code, period_type, period_start) as
concat_ws('|', measure_id, area_type, area_code, period_type, strftime(period_start, '%Y-%m-%d'))
;
-- The cell of an answer, or of a question's base where the code is the empty string.
create or replace temp macro answer_cell(strand, question_id, answer_code) as
concat_ws('|', 'consultation/' || strand || '/' || question_id, 'answer', answer_code, 'edition', '')
;
-- The cell of an offence group of the Home Office's table.
create or replace temp macro external_cell(offence_group) as
concat_ws('|', 'external/' || offence_group, 'city', '', 'edition', '')
;
-- The kind of area of a profile's cells: the whole area, by this dimension. The area's code
-- is the value.
create or replace temp macro profile_area(dimension) as 'profile/' || dimension
;
create or replace temp macro is_profile(area_type) as starts_with(area_type, 'profile/')
;
-- A count to the nearest multiple (a half goes up), exact where the multiple is 1. divide() is the
-- integer division that DuckDB writes as two slashes, which the formatter takes for a comment.
create or replace temp macro rounded(value, multiple) as
cast(floor((value + divide(multiple, 2)) / multiple) * multiple as bigint)
;
-- The level of detail of a geography: 1 the whole area, 2 wards, 3 LSOAs.
create or replace temp macro fineness(geography) as
case geography when 'lsoa' then 3 when 'ward' then 2 else 1 end
;
