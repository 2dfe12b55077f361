-- One row per row of a current delivery: a commissioned domestic abuse service in a quarter.
-- A service with no accommodation to give has null there, not nought.
{{ stage("voluntary", "domestic_abuse_services") }}
