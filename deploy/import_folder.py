"""What lies in the folder of an export, or a file alone: what to import, and what to leave aside with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.registration.adapters.files.archives import is_left_by_a_system
from services.registration.domain import file_kinds
from services.registration.domain.import_report import FoundInFile
from services.registration.use_cases.importing.lists import list_named
from services.registration.use_cases.importing.templates import GUIDE

READ = frozenset({".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm", ".ods", ".zip"})
"""Endings of texts, workbooks and archives: whether it is one that is read is seen by what it holds."""

_WORKBOOK = "C’est un classeur d’un format qui n’est pas lu : enregistrez-le au format .xlsx ou .ods."
_ARCHIVE = "C’est une archive d’un format qui n’est pas lu : faites-en une archive .zip, ou décompressez-la."
_DATA = "Ce format n’est pas lu : exportez la même liste en « CSV UTF-8 »."
_FOLDER = "C’est un dossier : ses fichiers ne sont pas lus d’ici ; importez-le à part."
_OTHER = "Ce n’est ni un CSV, ni un classeur, ni une archive .zip ; il a été laissé de côté."
_ADVICE: Mapping[str, str] = {
    **dict.fromkeys((".xls", ".xlsb", ".fods", ".numbers"), _WORKBOOK),
    **dict.fromkeys((".7z", ".rar", ".gz", ".tar", ".tgz"), _ARCHIVE),
    **dict.fromkeys((".json", ".jsonl", ".xml", ".parquet", ".sqlite", ".mdb", ".accdb", ".dbf"), _DATA),
}


class NothingToImport(Exception):
    """There is no file to import; `str(error)` can be shown as it is."""

    def __init__(self, folder: Path, aside: tuple[FoundInFile, ...] = ()) -> None:
        named = "".join(f"\n{found.file} : {found.message}" for found in aside)
        super().__init__(
            f"{folder} is no file or folder of an export (CSV files, workbooks .xlsx or .ods, .zip archives).{named}"
        )


@dataclass(frozen=True, slots=True)
class ExportFolder:
    """The files to import by name, and what is said of those left aside."""

    files: tuple[Path, ...]
    aside: tuple[FoundInFile, ...]

    @property
    def size(self) -> int:
        """How many bytes the files to import have."""
        return sum(path.stat().st_size for path in self.files)


def look_into(folder: Path) -> ExportFolder:
    """What lies in a folder, or one file alone. Raises `NothingToImport` where nothing in it can be imported."""
    if not folder.exists():
        raise NothingToImport(folder)
    lying = folder.iterdir() if folder.is_dir() else [folder]
    inside = sorted(path for path in lying if not is_left_by_a_system(path.name) and path.name.lower() != GUIDE.lower())
    files = tuple(path for path in inside if path.is_file() and path.suffix.lower() in READ)
    aside = tuple(_left_aside(path) for path in inside if path not in files)
    if not files:
        raise NothingToImport(folder, aside)
    return ExportFolder(files, aside)


def _left_aside(path: Path) -> FoundInFile:
    """A list that is known under an ending that is not read was meant to be imported: it counts as refused."""
    advice = _FOLDER if path.is_dir() else _ADVICE.get(path.suffix.lower(), _OTHER)
    is_export = not path.is_dir() and list_named(path.stem) is not None
    kind = file_kinds.NOT_A_TEXT_FILE if is_export else file_kinds.UNKNOWN_FILE
    return FoundInFile(path.name, 1, "", "", kind.severity.value, kind.code, advice)
