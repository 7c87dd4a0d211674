"""The import of another system's exports: a folder of CSV files goes in, a report comes out.

`import_files` carries it out in the caller's transaction, so that a dry run is the same thing, rolled back;
`ImportApart` carries it out beside the web.
"""

from services.registration.importing.apart import AnotherImportRuns, BrokeOff, ChangedMeanwhile, ImportApart, Order
from services.registration.importing.report import Report, as_csv, as_json
from services.registration.importing.run import Progress, import_files
from services.registration.importing.sources import Source

__all__ = [
    "AnotherImportRuns",
    "BrokeOff",
    "ChangedMeanwhile",
    "ImportApart",
    "Order",
    "Progress",
    "Report",
    "Source",
    "as_csv",
    "as_json",
    "import_files",
]
