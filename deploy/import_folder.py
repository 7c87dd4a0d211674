"""What lies in the folder of an export: the files to import, and those to leave aside with what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.registration.domain import file_kinds
from services.registration.domain.import_report import FoundInFile
from services.registration.use_cases.importing.lists import list_named
from services.registration.use_cases.importing.templates import GUIDE

TEXTS = frozenset({".csv", ".tsv", ".txt", ".tab"})
"""Endings of tables as text: whether a file is one that is known is seen by its name and columns."""

_WORKBOOK = "C’est un classeur : ouvrez-le et enregistrez chaque feuille en « CSV UTF-8 » dans ce dossier."
_ARCHIVE = "C’est une archive : décompressez-la, puis importez les fichiers CSV qu’elle contient."
_DATA = "Ce format n’est pas lu : exportez la même liste en « CSV UTF-8 »."
_FOLDER = "C’est un dossier : ses fichiers ne sont pas lus d’ici ; importez-le à part."
_OTHER = "Ce n’est pas un export en CSV ; il a été laissé de côté."
_ADVICE: Mapping[str, str] = {
    **dict.fromkeys((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".fods", ".numbers"), _WORKBOOK),
    **dict.fromkeys((".zip", ".7z", ".rar", ".gz", ".tar", ".tgz"), _ARCHIVE),
    **dict.fromkeys((".json", ".jsonl", ".xml", ".parquet", ".sqlite", ".mdb", ".accdb", ".dbf"), _DATA),
}
_LEFT_BY_SYSTEMS = frozenset({"thumbs.db", "desktop.ini", GUIDE.lower()})


class NothingToImport(Exception):
    """A folder holds no file to import; `str(error)` can be shown as it is."""

    def __init__(self, folder: Path, aside: tuple[FoundInFile, ...] = ()) -> None:
        named = "".join(f"\n{found.file} : {found.message}" for found in aside)
        super().__init__(f"The folder {folder} holds no CSV file: name the folder of an export.{named}")


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
    """What lies in a folder. Raises `NothingToImport` where nothing in it can be imported."""
    if not folder.is_dir():
        raise NothingToImport(folder)
    inside = sorted(path for path in folder.iterdir() if not _is_left_by_a_system(path))
    files = tuple(path for path in inside if path.is_file() and path.suffix.lower() in TEXTS)
    aside = tuple(_left_aside(path) for path in inside if path not in files)
    if not files:
        raise NothingToImport(folder, aside)
    return ExportFolder(files, aside)


def _is_left_by_a_system(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.name.lower() in _LEFT_BY_SYSTEMS


def _left_aside(path: Path) -> FoundInFile:
    """A list that is known under an ending that is not read was meant to be imported: it counts as refused."""
    advice = _FOLDER if path.is_dir() else _ADVICE.get(path.suffix.lower(), _OTHER)
    is_export = not path.is_dir() and list_named(path.stem) is not None
    kind = file_kinds.NOT_A_TEXT_FILE if is_export else file_kinds.UNKNOWN_FILE
    return FoundInFile(path.name, 1, "", "", kind.severity.value, kind.code, advice)
