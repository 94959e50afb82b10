# SPDX-License-Identifier: Apache-2.0
"""Appliances, probes and sensors; readings by day; limits, incidents and what was done."""

from datetime import date

from alembic import op

from migrations.ids import create_uuid7, drop_uuid7
from migrations.partitioning import drop_archive, start_partitions
from migrations.privileges import (
    grant_to_application,
    only_to_be_added_to,
    revoke_from_application,
)
from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    Rule,
    check,
    column,
    create_table,
    drop_tables,
    index,
    unique,
)
from poser.db.partitions import Partitions, Unit

revision = "tempmon_0001"
down_revision = None
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

DURING = (
    column(
        "valid",
        "tstzrange NOT NULL",
        "From when it holds (UTC) up to and without the end; no end: until changed.",
    ),
    column("by_name", "text DEFAULT '' NOT NULL", "Who entered it."),
    column("reason", "text DEFAULT '' NOT NULL", "Why; may be empty."),
)
READINGS = Partitions(
    table="readings", column="taken", unit=Unit.DAY, ahead=7, since=date(2020, 1, 1)
)
QUARTERS = Partitions(table="reading_quarters", column="begins_at", unit=Unit.MONTH, ahead=2)
TABLES = (
    "silences",
    "notifications",
    "escalations",
    "corrective_actions",
    "incident_events",
    "incidents",
    "reading_faults",
    "reading_quarters",
    "readings",
    "defrosts",
    "thresholds",
    "messages",
    "calibrations",
    "sensor_placements",
    "sensors",
    "probe_states",
    "probes",
    "appliances",
)
# Records of food safety, and what they rest on: written once.
INDELIBLE = ("readings", "incident_events", "corrective_actions")
PARTIAL = (
    """CREATE UNIQUE INDEX ix_incidents_open ON incidents (coalesce(appliance_id, probe_id),
    coalesce(sensor_id, '00000000-0000-0000-0000-000000000000'::uuid), kind)
    WHERE ended_at IS NULL""",
    "CREATE INDEX ix_notifications_due_at ON notifications (due_at) WHERE outcome = 'waiting'",
    "CREATE UNIQUE INDEX ix_reading_faults_sensor_taken_at ON reading_faults (sensor, taken_at)",
    "ALTER TABLE probe_states SET (fillfactor = 50)",
)
# 1577836800 is 2020-01-01 00:00 UTC in seconds since 1970.
TIMES = """
CREATE FUNCTION reading_time(taken integer) RETURNS timestamptz LANGUAGE sql
    IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT to_timestamp(1577836800 + taken)';
COMMENT ON FUNCTION reading_time(integer) IS
    'The time that the seconds of a reading stand for.';
CREATE FUNCTION reading_second(at timestamptz) RETURNS integer LANGUAGE sql
    IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT floor(extract(epoch FROM at) - 1577836800)::integer';
COMMENT ON FUNCTION reading_second(timestamptz) IS
    'The seconds by which readings of a time are kept.';
"""
# While a day goes on, the readings of many sensors come mixed, and the index of the day is
# filled to two thirds. When it is over, the index is made anew, full: 26 bytes become 20.
PACK = """
CREATE FUNCTION pack_readings() RETURNS bigint LANGUAGE plpgsql
    SET search_path = pg_catalog, public AS $$
DECLARE
    packed bigint := 0;
    loose regclass;
BEGIN
    FOR loose IN
        SELECT i.indexrelid FROM pg_inherits h
        JOIN pg_class c ON c.oid = h.inhrelid
        JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
        WHERE h.inhparent = 'readings'::regclass
            AND c.relname < 'readings_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM_DD')
            AND pg_relation_size(i.indexrelid) > 0.6 * pg_relation_size(c.oid)
            AND pg_relation_size(c.oid) > 1024 * 1024
        ORDER BY c.relname
    LOOP
        EXECUTE format('ALTER INDEX %s SET (fillfactor = 100)', loose);
        EXECUTE format('REINDEX INDEX %s', loose);
        packed := packed + 1;
    END LOOP;
    RETURN packed;
END $$;
COMMENT ON FUNCTION pack_readings() IS
    'Makes the indexes of days that are over anew where they are loose; returns how many.';
"""


def upgrade() -> None:
    """Create the tables."""
    grant_to_application()
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    create_uuid7()
    op.execute(TIMES)
    _create_appliances()
    _create_probes()
    _create_probe_states()
    _create_sensors()
    _create_sensor_placements()
    _create_calibrations()
    _create_messages()
    _create_thresholds()
    _create_defrosts()
    _create_readings()
    _create_reading_quarters()
    _create_reading_faults()
    _create_incidents()
    _create_incident_events()
    _create_corrective_actions()
    _create_escalations()
    _create_notifications()
    _create_silences()
    for statement in PARTIAL:
        op.execute(statement)
    for table in INDELIBLE:
        op.execute(only_to_be_added_to(table))
    op.execute(PACK)
    start_partitions(READINGS)
    start_partitions(QUARTERS)


def downgrade() -> None:
    """Drop them with everything in them."""
    drop_archive()
    drop_tables(*TABLES)
    op.execute("DROP FUNCTION reading_time(integer), reading_second(timestamptz)")
    op.execute("DROP FUNCTION pack_readings()")
    drop_uuid7()
    revoke_from_application()


def _create_appliances() -> None:
    create_table(
        "appliances",
        "Fridges, freezers, rooms: what has a temperature to keep.",
        KEY,
        column("name", "text NOT NULL", "What people call it, such as Dairy case 2."),
        column("kind", "text NOT NULL", "cooler, freezer and so on; see ApplianceKind."),
        column(
            "store_number",
            "text DEFAULT '' NOT NULL",
            "Number of the store it stands in; empty without stores.",
        ),
        column("location", "text DEFAULT '' NOT NULL", "Where in the store."),
        column("notes", "text DEFAULT '' NOT NULL", "For people."),
        column("image", "bytea", "A photograph (JPEG or PNG), to find it by."),
        column(
            "is_watched", "boolean DEFAULT true NOT NULL", "Judged and alarmed for; no: out of use."
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "kind",
            "kind IN ('cooler', 'freezer', 'hot_hold', 'vaccine_fridge', 'vaccine_freezer',"
            " 'room')",
            "",
        ),
        check("name", "name <> '' AND name = btrim(name)", ""),
        unique("store_number, name", deferrable=False),
    )


def _create_probes() -> None:
    create_table(
        "probes",
        "Small computers with sensors (a Raspberry Pi each) that send readings.",
        KEY,
        column("name", "text NOT NULL", "What people call it, such as store-3-cold-room."),
        column("serial", "text NOT NULL", "Serial number of the board, known at once."),
        column(
            "store_number",
            "text DEFAULT '' NOT NULL",
            "Number of the store it is in; empty without stores.",
        ),
        column("location", "text DEFAULT '' NOT NULL", "Where it hangs."),
        column("notes", "text DEFAULT '' NOT NULL", "For people."),
        column(
            "interval_s",
            "integer DEFAULT 60 NOT NULL",
            "Seconds from one reading of a sensor to the next.",
        ),
        column("key_hash", "bytea", "SHA-256 of the key it signs in with; none: it cannot send."),
        column(
            "enrolled_at", "timestamptz", "When a person let it in (UTC); none: it waits for that."
        ),
        column(
            "disabled_at",
            "timestamptz",
            "Since when it is out of use (UTC); none: it is expected to send.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("interval_s", "interval_s BETWEEN 1 AND 3600", ""),
        check("key_hash", "key_hash IS NULL OR length(key_hash) = 32", ""),
        check("name", "name <> '' AND name = btrim(name)", ""),
        check("serial", "serial <> '' AND serial = btrim(serial)", ""),
        unique("name", deferrable=False),
        unique("serial", deferrable=False),
    )


def _create_probe_states() -> None:
    create_table(
        "probe_states",
        "How each probe is doing: its last message and what that said.",
        column("probe_id", "uuid NOT NULL", "The probe."),
        column(
            "seen_at",
            "timestamptz NOT NULL",
            "When its last message came in (UTC, this node's clock).",
        ),
        column("address", "INET", "Network address it came from."),
        column("release", "text DEFAULT '' NOT NULL", "Which release of its software it runs."),
        column("boot_id", "uuid", "Id of its boot; another: it restarted."),
        column("uptime_s", "integer DEFAULT 0 NOT NULL", "Seconds since it was booted."),
        column(
            "clock_error_ms", "integer", "Its clock less ours, in milliseconds; none: not known."
        ),
        column(
            "is_clock_synced",
            "boolean DEFAULT false NOT NULL",
            "Its clock is set by a time server.",
        ),
        column("queued", "integer DEFAULT 0 NOT NULL", "Readings that it has not sent yet."),
        Rule("fk", "probe_id", "FOREIGN KEY (probe_id) REFERENCES probes (id) ON DELETE CASCADE"),
        key="probe_id",
    )


def _create_sensors() -> None:
    create_table(
        "sensors",
        "Thermometers: one row each, for ever.",
        KEY,
        column(
            "number",
            "smallint GENERATED ALWAYS AS IDENTITY",
            "A small number of its own, by which readings name it: 1 to 32767.",
        ),
        column("address", "text NOT NULL", "Its 1-Wire address, such as 28-0316a2794bff."),
        column("probe_id", "uuid NOT NULL", "The probe that it is connected to now."),
        column("name", "text DEFAULT '' NOT NULL", "What people call it."),
        column(
            "resolution_bits",
            "integer DEFAULT 12 NOT NULL",
            "9 to 12; 12 is 0.0625 °C and takes 750 ms.",
        ),
        column("is_lost", "boolean DEFAULT false NOT NULL", "The probe does not find it any more."),
        column(
            "disabled_at",
            "timestamptz",
            "Since when it is out of use (UTC); none: it is expected to read.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("address", "address <> '' AND address = btrim(address)", ""),
        check("number", "number > 0", ""),
        check("resolution_bits", "resolution_bits BETWEEN 9 AND 12", ""),
        Rule("fk", "probe_id", "FOREIGN KEY (probe_id) REFERENCES probes (id)"),
        unique("address", deferrable=False),
        unique("number", deferrable=False),
        index("probe_id"),
    )


def _create_sensor_placements() -> None:
    create_table(
        "sensor_placements",
        "Which appliance each sensor measures, and measured before.",
        KEY,
        column("sensor_id", "uuid NOT NULL", "The sensor."),
        column("appliance_id", "uuid NOT NULL", "What it measures."),
        column("place", "text NOT NULL", "air, product and so on; see Place."),
        CREATED_AT,
        *DURING,
        check("place", "place IN ('air', 'product', 'return_air', 'ambient')", ""),
        check("valid", "NOT isempty(valid) AND NOT lower_inf(valid)", ""),
        Rule("ex", "no_overlap", "EXCLUDE USING gist (sensor_id WITH =, valid WITH &&)"),
        Rule("fk", "appliance_id", "FOREIGN KEY (appliance_id) REFERENCES appliances (id)"),
        Rule("fk", "sensor_id", "FOREIGN KEY (sensor_id) REFERENCES sensors (id)"),
        index("appliance_id"),
        index("sensor_id"),
    )


def _create_calibrations() -> None:
    create_table(
        "calibrations",
        "Corrections of sensors; readings are kept as they were read.",
        KEY,
        column("sensor_id", "uuid NOT NULL", "The sensor."),
        column("low_c", "numeric(5, 2) NOT NULL", "Temperature at which it was compared, °C."),
        column("low_correction_c", "numeric(5, 2) NOT NULL", "What to add to a reading there, °C."),
        column("high_c", "numeric(5, 2)", "The second temperature, °C, if there was one."),
        column(
            "high_correction_c",
            "numeric(5, 2)",
            "What to add there, °C; in between and beyond along the line.",
        ),
        column(
            "uncertainty_c",
            "numeric(5, 2)",
            "Uncertainty of the comparison, °C (k=2), if the certificate says.",
        ),
        column("made_on", "date NOT NULL", "Day of the comparison."),
        column("due_on", "date", "Day by which the next one is due."),
        column("laboratory", "text DEFAULT '' NOT NULL", "Who compared it."),
        column(
            "certificate_number",
            "text DEFAULT '' NOT NULL",
            "Number of the certificate; may be empty.",
        ),
        column("certificate", "bytea", "The certificate itself, as PDF."),
        CREATED_AT,
        *DURING,
        check("due_on", "due_on IS NULL OR due_on > made_on", ""),
        check(
            "high_c",
            "(high_c IS NULL) = (high_correction_c IS NULL) AND (high_c IS NULL OR high_c > low_c)",
            "",
        ),
        check("uncertainty_c", "uncertainty_c IS NULL OR uncertainty_c >= 0", ""),
        check("valid", "NOT isempty(valid) AND NOT lower_inf(valid)", ""),
        Rule("ex", "no_overlap", "EXCLUDE USING gist (sensor_id WITH =, valid WITH &&)"),
        Rule("fk", "sensor_id", "FOREIGN KEY (sensor_id) REFERENCES sensors (id)"),
        index("sensor_id"),
    )


def _create_messages() -> None:
    create_table(
        "messages",
        "Messages of probes, so that each is taken in once and clocks can be judged.",
        KEY,
        column("probe_id", "uuid NOT NULL", "The probe that sent it."),
        column("boot_id", "uuid NOT NULL", "The boot of the probe that it comes from."),
        column("number", "integer NOT NULL", "Counted by the probe from 1 since that boot."),
        column("received_at", "timestamptz NOT NULL", "When it came in (UTC, this node's clock)."),
        column(
            "clock_error_ms",
            "integer",
            "The probe's clock less ours, in milliseconds; none: not known.",
        ),
        column("readings", "integer NOT NULL", "How many readings it brought."),
        column("new_readings", "integer NOT NULL", "How many of them were not there yet."),
        check("readings", "readings >= 0 AND new_readings BETWEEN 0 AND readings", ""),
        Rule("fk", "probe_id", "FOREIGN KEY (probe_id) REFERENCES probes (id) ON DELETE CASCADE"),
        unique("probe_id, boot_id, number", deferrable=False),
        index("received_at"),
    )


def _create_thresholds() -> None:
    create_table(
        "thresholds",
        "Limits of appliances, now and in the past.",
        KEY,
        column("appliance_id", "uuid NOT NULL", "The appliance."),
        column("warning_low_c", "numeric(5, 2)", "Below this is a warning, °C."),
        column("warning_high_c", "numeric(5, 2)", "Above this is a warning, °C."),
        column("critical_low_c", "numeric(5, 2)", "Below this is critical, °C."),
        column("critical_high_c", "numeric(5, 2)", "Above this is critical, °C."),
        column(
            "compliance_low_c",
            "numeric(5, 2)",
            "Below this breaks the rules that reports judge by, °C.",
        ),
        column(
            "compliance_high_c",
            "numeric(5, 2)",
            "Above this breaks the rules that reports judge by, °C.",
        ),
        column(
            "hysteresis_c",
            "numeric(5, 2) DEFAULT '0.5' NOT NULL",
            "How far inside a limit it must be to count as good again, °C.",
        ),
        column(
            "warning_delay_s",
            "integer DEFAULT 1800 NOT NULL",
            "Seconds of warning that may pass before an alarm.",
        ),
        column(
            "critical_delay_s",
            "integer DEFAULT 300 NOT NULL",
            "Seconds of critical that may pass before one.",
        ),
        column(
            "clear_delay_s", "integer DEFAULT 300 NOT NULL", "Seconds of good that end an incident."
        ),
        column(
            "silent_after_s",
            "integer DEFAULT 300 NOT NULL",
            "Seconds without a reading that count as silent.",
        ),
        column(
            "stuck_after_s",
            "integer DEFAULT 28800 NOT NULL",
            "Seconds of one same value that count as stuck; 0: never.",
        ),
        column(
            "repeat_after_s",
            "integer DEFAULT 3600 NOT NULL",
            "Seconds until an alarm nobody acknowledged is repeated; 0: never.",
        ),
        CREATED_AT,
        *DURING,
        check(
            "ascending",
            "coalesce(critical_low_c <= warning_low_c, true)"
            " AND coalesce(warning_low_c < warning_high_c, true)"
            " AND coalesce(warning_high_c <= critical_high_c, true)"
            " AND coalesce(critical_low_c < critical_high_c, true)"
            " AND coalesce(compliance_low_c < compliance_high_c, true)",
            "",
        ),
        check(
            "delays",
            "warning_delay_s >= 0 AND critical_delay_s >= 0 AND clear_delay_s >= 0"
            " AND repeat_after_s >= 0",
            "",
        ),
        check("hysteresis_c", "hysteresis_c >= 0", ""),
        check("silent_after_s", "silent_after_s > 0 AND stuck_after_s >= 0", ""),
        check(
            "some",
            "num_nonnulls(warning_low_c, warning_high_c, critical_low_c, critical_high_c) > 0",
            "",
        ),
        check("valid", "NOT isempty(valid) AND NOT lower_inf(valid)", ""),
        Rule("ex", "no_overlap", "EXCLUDE USING gist (appliance_id WITH =, valid WITH &&)"),
        Rule("fk", "appliance_id", "FOREIGN KEY (appliance_id) REFERENCES appliances (id)"),
        index("appliance_id"),
    )


def _create_defrosts() -> None:
    create_table(
        "defrosts",
        "Times at which appliances defrost, when a higher limit holds.",
        KEY,
        column("appliance_id", "uuid NOT NULL", "The appliance."),
        column("weekdays", "smallint[] NOT NULL", "Days of the week: 1 Monday to 7 Sunday."),
        column(
            "begins",
            "TIME WITHOUT TIME ZONE NOT NULL",
            "Time of day at which it begins, as clocks in the store show.",
        ),
        column("lasts_s", "integer NOT NULL", "How long it may take, in seconds."),
        column(
            "high_c", "numeric(5, 2)", "Above this is too warm even then, °C; none: anything goes."
        ),
        CREATED_AT,
        *DURING,
        check("lasts_s", "lasts_s BETWEEN 60 AND 86400", ""),
        check("valid", "NOT isempty(valid) AND NOT lower_inf(valid)", ""),
        check(
            "weekdays",
            "weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[] AND cardinality(weekdays) > 0",
            "",
        ),
        Rule("fk", "appliance_id", "FOREIGN KEY (appliance_id) REFERENCES appliances (id)"),
        index("appliance_id"),
    )


def _create_readings() -> None:
    create_table(
        "readings",
        "Temperatures as sensors said them; each sensor has one for each second.",
        column(
            "taken",
            "integer NOT NULL",
            "When, in seconds since 2020-01-01 00:00 UTC; see reading_time.",
        ),
        column("sensor", "smallint NOT NULL", "The number of the sensor."),
        column(
            "hundredths", "smallint NOT NULL", "The temperature in hundredths of a degree Celsius."
        ),
        Rule("fk", "sensor", "FOREIGN KEY (sensor) REFERENCES sensors (number)"),
        key="sensor, taken",
        cut_by="taken",
    )


def _create_reading_quarters() -> None:
    create_table(
        "reading_quarters",
        "Readings of each sensor added up by 15 minutes; kept for years.",
        column("sensor", "smallint NOT NULL", "The number of the sensor."),
        column("begins_at", "timestamptz NOT NULL", "Begin of the 15 minutes (UTC)."),
        column(
            "lowest",
            "smallint NOT NULL",
            "Lowest temperature in hundredths of a degree Celsius, corrected.",
        ),
        column(
            "highest",
            "smallint NOT NULL",
            "Highest temperature in hundredths of a degree Celsius, corrected.",
        ),
        column(
            "total",
            "integer NOT NULL",
            "Sum of the temperatures in hundredths of a degree Celsius, corrected.",
        ),
        column("count", "smallint NOT NULL", "How many readings."),
        column(
            "out_of_range_s",
            "smallint NOT NULL",
            "Seconds outside the warning band that held then.",
        ),
        check("count", "count > 0", ""),
        check("lowest", "lowest <= highest", ""),
        check("out_of_range_s", "out_of_range_s BETWEEN 0 AND 900", ""),
        Rule("fk", "sensor", "FOREIGN KEY (sensor) REFERENCES sensors (number)"),
        key="sensor, begins_at",
        cut_by="begins_at",
    )


def _create_reading_faults() -> None:
    create_table(
        "reading_faults",
        "Readings that failed, or whose time is doubtful; rare.",
        KEY,
        column("sensor", "smallint NOT NULL", "The number of the sensor."),
        column("taken_at", "timestamptz NOT NULL", "When, by the probe's clock (UTC)."),
        column("received_at", "timestamptz NOT NULL", "When we heard of it (UTC)."),
        column("fault", "text NOT NULL", "lost_power, bad_crc and so on; see Fault."),
        column(
            "hundredths",
            "smallint",
            "The temperature, if it was one, in hundredths of a degree Celsius.",
        ),
        column("raw", "bytea", "The bytes the sensor gave."),
        column("said", "text DEFAULT '' NOT NULL", "What the probe said about it."),
        check(
            "fault",
            "fault IN ('lost_power', 'weak_power', 'short', 'bad_crc', 'incomplete', 'gone',"
            " 'out_of_range', 'future', 'unsynced')",
            "",
        ),
        check("raw", "octet_length(raw) <= 64", ""),
        Rule("fk", "sensor", "FOREIGN KEY (sensor) REFERENCES sensors (number)"),
        index("received_at"),
    )


def _create_incidents() -> None:
    create_table(
        "incidents",
        "What went wrong: one row from the first sign until it is closed.",
        KEY,
        column("kind", "text NOT NULL", "too_warm, probe_offline and so on; IncidentKind."),
        column("severity", "text NOT NULL", "warning or critical: as it is now."),
        column("worst", "text NOT NULL", "warning or critical: as bad as it was."),
        column("appliance_id", "uuid", "The appliance, if it is about one."),
        column("probe_id", "uuid", "The probe, if it is about one."),
        column("sensor_id", "uuid", "The sensor, if it is about one."),
        column("threshold_id", "uuid", "The limits that were broken."),
        column("began_at", "timestamptz NOT NULL", "The first sign (UTC)."),
        column(
            "alarmed_at",
            "timestamptz",
            "When people were first told (UTC); none: it did not last long enough.",
        ),
        column(
            "acknowledged_at",
            "timestamptz",
            "When somebody took it on (UTC): repeats stop, the incident goes on.",
        ),
        column("acknowledged_by", "text DEFAULT '' NOT NULL", "Who took it on."),
        column("ended_at", "timestamptz", "When all was good again (UTC)."),
        column("closed_at", "timestamptz", "When somebody closed it with a note (UTC)."),
        column("closed_by", "text DEFAULT '' NOT NULL", "Who closed it."),
        column("lowest_c", "numeric(5, 2)", "Lowest corrected temperature in it, °C."),
        column("highest_c", "numeric(5, 2)", "Highest corrected temperature in it, °C."),
        check("acknowledged_by", "(acknowledged_at IS NULL) = (acknowledged_by = '')", ""),
        check("closed_at", "closed_at IS NULL OR ended_at IS NOT NULL", ""),
        check("ended_at", "coalesce(ended_at >= began_at, true)", ""),
        check(
            "kind",
            "kind IN ('too_warm', 'too_cold', 'sensor_error', 'sensor_lost', 'sensor_stuck',"
            " 'probe_offline', 'clock_wrong')",
            "",
        ),
        check("severity", "severity IN ('warning', 'critical')", ""),
        check("subject", "num_nonnulls(appliance_id, probe_id) > 0", ""),
        check("worst", "worst IN ('warning', 'critical')", ""),
        Rule("fk", "appliance_id", "FOREIGN KEY (appliance_id) REFERENCES appliances (id)"),
        Rule("fk", "probe_id", "FOREIGN KEY (probe_id) REFERENCES probes (id)"),
        Rule("fk", "sensor_id", "FOREIGN KEY (sensor_id) REFERENCES sensors (id)"),
        Rule("fk", "threshold_id", "FOREIGN KEY (threshold_id) REFERENCES thresholds (id)"),
        index("appliance_id"),
        index("began_at, id"),
        index("probe_id"),
        index("sensor_id"),
        index("threshold_id"),
    )


def _create_incident_events() -> None:
    create_table(
        "incident_events",
        "What happened to incidents, in order; written once, never changed.",
        KEY,
        column("incident_id", "uuid NOT NULL", "The incident."),
        column("happened_at", "timestamptz NOT NULL", "When it happened (UTC)."),
        column("kind", "text NOT NULL", "began, alarmed, closed and so on; see EventKind."),
        column("by_name", "text DEFAULT '' NOT NULL", "Who did it; empty: the program."),
        column("note", "text DEFAULT '' NOT NULL", "What they said, or what the program saw."),
        column("celsius", "numeric(5, 2)", "The temperature at that moment, °C."),
        check(
            "kind",
            "kind IN ('began', 'worse', 'better', 'alarmed', 'repeated', 'escalated',"
            " 'acknowledged', 'silenced', 'note', 'ended', 'closed')",
            "",
        ),
        Rule("fk", "incident_id", "FOREIGN KEY (incident_id) REFERENCES incidents (id)"),
        index("incident_id, happened_at"),
    )


def _create_corrective_actions() -> None:
    create_table(
        "corrective_actions",
        "What people did about incidents: an entry is never changed.",
        KEY,
        column("incident_id", "uuid NOT NULL", "The incident."),
        column("done_at", "timestamptz NOT NULL", "When it was done (UTC)."),
        column("by_name", "text NOT NULL", "Who did it."),
        column("what", "text NOT NULL", "What was done."),
        column(
            "goods",
            "text DEFAULT '' NOT NULL",
            "What became of the goods: kept, moved, thrown away.",
        ),
        column("measured_c", "numeric(5, 2)", "Temperature measured by hand, °C."),
        CREATED_AT,
        check("by_name", "by_name <> '' AND by_name = btrim(by_name)", ""),
        check("what", "what <> '' AND what = btrim(what)", ""),
        Rule("fk", "incident_id", "FOREIGN KEY (incident_id) REFERENCES incidents (id)"),
        index("incident_id"),
    )


def _create_escalations() -> None:
    create_table(
        "escalations",
        "Who is told about incidents, in steps, until somebody acknowledges.",
        KEY,
        column("appliance_id", "uuid", "The appliance; none: all others."),
        column("step", "smallint NOT NULL", "Place on the ladder from 1."),
        column("after_s", "integer NOT NULL", "Seconds after the alarm."),
        column("severity", "text NOT NULL", "warning: for both; critical: for that only."),
        column("channel", "text NOT NULL", "mail, screen or buzzer; see Channel."),
        column(
            "recipient",
            "text DEFAULT '' NOT NULL",
            "Address of the person or the user role; empty for a buzzer.",
        ),
        column(
            "quiet_from",
            "TIME WITHOUT TIME ZONE",
            "From when nobody is told, as clocks in the store show.",
        ),
        column(
            "quiet_to",
            "TIME WITHOUT TIME ZONE",
            "Until when nobody is told, as clocks in the store show.",
        ),
        CREATED_AT,
        check("channel", "channel IN ('mail', 'screen', 'buzzer')", ""),
        check("quiet_from", "(quiet_from IS NULL) = (quiet_to IS NULL)", ""),
        check("severity", "severity IN ('warning', 'critical')", ""),
        check("step", "step > 0 AND after_s >= 0", ""),
        Rule("fk", "appliance_id", "FOREIGN KEY (appliance_id) REFERENCES appliances (id)"),
        Rule(
            "uq",
            "appliance_id_step_channel_recipient",
            "UNIQUE NULLS NOT DISTINCT (appliance_id, step, channel, recipient)",
        ),
        index("appliance_id"),
    )


def _create_notifications() -> None:
    create_table(
        "notifications",
        "Messages to people about incidents, each with its result.",
        KEY,
        column("incident_id", "uuid NOT NULL", "The incident."),
        column("channel", "text NOT NULL", "mail, screen or buzzer; see Channel."),
        column("recipient", "text DEFAULT '' NOT NULL", "Whom it is for."),
        column("subject", "text NOT NULL", "What it says, in one line."),
        column("due_at", "timestamptz NOT NULL", "When it is to be sent, or sent again (UTC)."),
        column("sent_at", "timestamptz", "When it was handed over (UTC)."),
        column("outcome", "text NOT NULL", "waiting, sent, failed or held; see Outcome."),
        column("attempts", "integer DEFAULT 0 NOT NULL", "How often it was tried."),
        column("result", "text DEFAULT '' NOT NULL", "What the mail server or the device said."),
        CREATED_AT,
        check("attempts", "attempts >= 0", ""),
        check("channel", "channel IN ('mail', 'screen', 'buzzer')", ""),
        check("outcome", "outcome IN ('waiting', 'sent', 'failed', 'held')", ""),
        check("sent_at", "(outcome = 'sent') = (sent_at IS NOT NULL)", ""),
        Rule("fk", "incident_id", "FOREIGN KEY (incident_id) REFERENCES incidents (id)"),
        index("created_at, id"),
        index("incident_id"),
    )


def _create_silences() -> None:
    create_table(
        "silences",
        "Times in which nobody is told: always with an end and a reason.",
        KEY,
        column("appliance_id", "uuid", "The appliance it is about."),
        column("probe_id", "uuid", "The probe it is about."),
        column(
            "store_number",
            "text DEFAULT '' NOT NULL",
            "The store it is about, if it is about all of one.",
        ),
        column("is_recorded", "boolean DEFAULT true NOT NULL", "Incidents are kept all the same."),
        CREATED_AT,
        *DURING,
        check("by_name", "by_name <> '' AND by_name = btrim(by_name)", ""),
        check("ends", "NOT upper_inf(valid)", ""),
        check("reason", "reason <> '' AND reason = btrim(reason)", ""),
        check("subject", "num_nonnulls(appliance_id, probe_id) = 1 OR store_number <> ''", ""),
        check("valid", "NOT isempty(valid) AND NOT lower_inf(valid)", ""),
        Rule("fk", "appliance_id", "FOREIGN KEY (appliance_id) REFERENCES appliances (id)"),
        Rule("fk", "probe_id", "FOREIGN KEY (probe_id) REFERENCES probes (id)"),
        index("appliance_id"),
        index("probe_id"),
    )
