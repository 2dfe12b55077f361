-- One row per threshold that decides what is judged, charted or called more than chance.
select threshold, value, unit, meaning, source from governance.thresholds order by threshold
