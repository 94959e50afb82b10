# SPDX-License-Identifier: Apache-2.0
"""The tables of the `tempmon` database: appliances, sensors, readings, incidents.

The database stands alone: stores are named by their numbers, people by their names.
"""

from poser.tempmon.model.columns import TempmonModel
from poser.tempmon.model.equipment import (
    Appliance,
    ApplianceKind,
    Calibration,
    Message,
    Place,
    Probe,
    ProbeState,
    Sensor,
    SensorPlacement,
)
from poser.tempmon.model.incidents import (
    Channel,
    CorrectiveAction,
    Escalation,
    EventKind,
    Incident,
    IncidentEvent,
    IncidentKind,
    Notification,
    Outcome,
    Severity,
    Silence,
)
from poser.tempmon.model.limits import Defrost, Threshold
from poser.tempmon.model.readings import (
    EPOCH,
    QUARTERS,
    READINGS,
    Fault,
    Reading,
    ReadingFault,
    ReadingQuarter,
)

__all__ = [
    "EPOCH",
    "QUARTERS",
    "READINGS",
    "Appliance",
    "ApplianceKind",
    "Calibration",
    "Channel",
    "CorrectiveAction",
    "Defrost",
    "Escalation",
    "EventKind",
    "Fault",
    "Incident",
    "IncidentEvent",
    "IncidentKind",
    "Message",
    "Notification",
    "Outcome",
    "Place",
    "Probe",
    "ProbeState",
    "Reading",
    "ReadingFault",
    "ReadingQuarter",
    "Sensor",
    "SensorPlacement",
    "Severity",
    "Silence",
    "TempmonModel",
    "Threshold",
]
