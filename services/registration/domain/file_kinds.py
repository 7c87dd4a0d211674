"""What can be found of a file as such: its text, its columns, the shape of its rows."""

from __future__ import annotations

from services.registration.domain.findings import refusal, warning

UNKNOWN_FILE = warning(
    "unknown-file",
    "Ce fichier n’est pas l’un de ceux que l’on importe ; il a été laissé de côté.",
    "Neither the file’s name nor its columns are those of a known export; it was left aside.",
)
EMPTY_FILE = refusal("empty-file", "Le fichier est vide.", "The file holds nothing, not even a header.")
NOT_A_TEXT_FILE = refusal(
    "not-a-text-file",
    "Ce fichier n’est ni un texte CSV ni un classeur .xlsx ou .ods ; exportez-le dans l’un de ces formats.",
    "The file is neither CSV text nor a workbook that is read.",
)
OLD_WORKBOOK = refusal(
    "old-workbook",
    "Ce fichier est d’un format de bureautique d’avant 2007. Ouvrez-le, enregistrez-le au format .xlsx ou .ods, puis "
    "importez celui-ci.",
    "The file is of an older office format (.xls, .doc).",
)
ENCRYPTED_FILE = refusal(
    "encrypted-file",
    "Ce fichier est protégé par un mot de passe : rien n’en a été lu. Enregistrez-le sans mot de passe, puis "
    "importez-le à nouveau.",
    "The workbook or archive asks for a password.",
)
DAMAGED_FILE = refusal(
    "damaged-file",
    "Ce fichier est endommagé ou incomplet : rien n’en a été lu. Ouvrez-le avec le programme qui l’a écrit, "
    "enregistrez-le à nouveau, puis importez-le.",
    "The workbook or archive cannot be read.",
)
WORKBOOK_WITH_MACROS = refusal(
    "workbook-with-macros",
    "Ce classeur contient des macros : rien n’en a été lu. Enregistrez-le au format « Classeur Excel (.xlsx) », ou "
    ".ods sans macros, puis importez celui-ci.",
    "The workbook carries a program.",
)
TOO_LARGE_WORKBOOK = refusal(
    "too-large-workbook",
    "Ce classeur est trop grand : rien n’en a été lu. Supprimez les lignes, colonnes et feuilles sans objet, ou "
    "enregistrez chaque feuille en « CSV UTF-8 », puis importez ces fichiers.",
    "Reading the workbook takes more memory, time or space than one import may have.",
)
TOO_LARGE_INSIDE = refusal(
    "too-large-inside",
    "Décompressé, ce fichier serait plus grand que ce que l’on importe en une fois (256 Mo) : rien n’en a été lu. "
    "Partagez-le en plusieurs, puis importez-les l’un après l’autre.",
    "What the archive or workbook holds is too large, or far larger than the file.",
)
TOO_MANY_FILES_INSIDE = refusal(
    "too-many-files-inside",
    "Ce fichier contient plus de {limit} fichiers ou feuilles : rien n’en a été lu. Partagez-le en plusieurs, puis "
    "importez-les l’un après l’autre.",
    "The archive or workbook holds more files or sheets than one import takes.",
)
NESTED_ARCHIVE = refusal(
    "nested-archive",
    "Cette archive est dans une autre archive : rien n’en a été lu. Décompressez la première, puis importez celle-ci.",
    "An archive lies in an archive.",
)
HIDDEN_SHEET = warning(
    "hidden-sheet",
    "Cette feuille est masquée : rien n’en a été lu. Si elle contient une liste à importer, affichez-la, enregistrez "
    "le classeur, puis importez-le à nouveau.",
    "A hidden sheet was left aside.",
)
MERGED_CELLS = warning(
    "merged-cells",
    "À partir de cette ligne, des cellules sont fusionnées sur plusieurs lignes : leur valeur compte pour chacune.",
    "Cells of several rows are one; its value was read in each of these rows (said once a sheet).",
    "Vérifiez ces lignes.",
)
SPREADSHEET_ERROR = refusal(
    "spreadsheet-error",
    "Le tableur n’a pas pu calculer cette cellule. Corrigez sa formule ou écrivez la valeur elle-même, puis importez "
    "le fichier à nouveau.",
    "A cell holds an error of a spreadsheet (#N/A, #REF!), or a formula that was never computed.",
)
UNKNOWN_CELL_ERROR = refusal(
    "unknown-cell-error",
    "La cellule {cell} de la feuille « {sheet} » contient une erreur de tableur, et rien n’a été lu de ce classeur. "
    "Corrigez sa formule ou écrivez la valeur elle-même, puis importez-le à nouveau.",
    "A cell holds an error of a newer formula, with which the workbook cannot be read.",
)
ENCODED_TWICE = warning(
    "encoded-twice",
    "Ce fichier a été converti en UTF-8 deux fois : à partir de cette ligne, des accents étaient abîmés « Ã© ».",
    "Text was encoded as UTF-8 twice; its letters were put right (said once a file, at its first such line).",
    "Ils ont été rétablis ; vérifiez quelques noms.",
)
UNUSUAL_ENCODING = warning(
    "unusual-encoding",
    "Ce fichier est encodé en {encoding}.",
    "The file is in an encoding that is seldom used; it was read so.",
    "Ses accents ont été lus ainsi ; vérifiez quelques noms, ou exportez-le en CSV UTF-8.",
)
MIXED_ENCODINGS = warning(
    "mixed-encodings",
    "Ce fichier mêle des lignes en UTF-8 et, à partir de celle-ci, d’autres en {encoding}.",
    "Some lines are UTF-8 and others are not; each was read as it is written.",
    "Chaque ligne a été lue selon son encodage ; vérifiez quelques noms.",
)
DOUBTFUL_ENCODING = warning(
    "doubtful-encoding",
    "L’encodage de ce fichier n’est pas reconnu : à partir de cette ligne, des lettres ne sont pas du français.",
    "Letters that French does not use make the encoding uncertain.",
    "Il a été lu comme du {encoding} ; vérifiez les noms, ou exportez-le en CSV UTF-8.",
)
WRITTEN_FOR_PAGES = warning(
    "written-for-pages",
    "À partir de cette ligne, des lettres étaient écrites comme dans une page web, « &eacute; » pour « é ».",
    "Letters were written as HTML entities; they were put right (said once a file).",
    "Elles ont été rétablies ; vérifiez quelques noms.",
)
LOST_LETTERS = warning(
    "lost-letters",
    "Des lettres ont été perdues avant l’import : « {mark} » est à leur place à partir de cette ligne.",
    "A program before the import has replaced letters by U+FFFD or by question marks.",
    "Les noms ont été gardés ainsi ; exportez le fichier à nouveau en CSV UTF-8 et réimportez-le.",
)
TOO_MANY_COLUMNS = refusal(
    "too-many-columns",
    "Ce fichier a plus de {limit} colonnes : ce n’est pas une liste ; aucune ligne n’a été lue. Supprimez les colonnes "
    "vides ou sans objet, puis importez-le à nouveau.",
    "The header has more columns than any list; the file was not read.",
)
TOO_MANY_LINES = refusal(
    "too-many-lines",
    "Ce fichier a plus de {limit} lignes : aucune n’a été lue. Supprimez les lignes vides ou sans objet, ou "
    "partagez-le en plusieurs fichiers, puis importez-les à nouveau.",
    "The file has more lines than any list; it was not read.",
)
MISSING_COLUMN = refusal(
    "missing-column",
    "La colonne obligatoire « {column} » manque ; aucune ligne de ce fichier n’a été lue.",
    "The column that tells what a row is about is missing; every row of the file is refused.",
)
UNKNOWN_COLUMN = warning(
    "unknown-column",
    "La colonne « {column} » n’est pas connue ; elle a été ignorée.",
    "A column is not part of the format; it was ignored (said once a file).",
)
REPEATED_COLUMN = warning(
    "repeated-column",
    "La colonne « {column} » est présente deux fois ; seule la première compte.",
    "A column appears twice; the first one counts.",
)
TOO_FEW_CELLS = refusal(
    "too-few-cells",
    "La ligne s’arrête après {found} cellule(s), avant la colonne obligatoire « {column} ».",
    "The row ends before a required column; only empty last cells of optional columns may be missing.",
)
TOO_MANY_CELLS = refusal(
    "too-many-cells",
    "La ligne a {found} cellules au lieu de {expected} : un séparateur de trop, ou des guillemets oubliés.",
    "The row has more cells than the header.",
)
UNCLOSED_QUOTES = refusal(
    "unclosed-quotes",
    "Les guillemets ouverts à la ligne {opened} ne se referment pas, du moins pas dans les {lines} lignes suivantes. "
    "Refermez-les ou supprimez-les, puis importez le fichier à nouveau. Les lignes suivantes ont été lues.",
    "A quoted cell is not closed within the lines that a record may have; the lines after it were read on their own.",
)
BROKEN_QUOTES = refusal(
    "broken-quotes",
    "Les guillemets ouverts à la ligne {opened} se referment au milieu d’un texte. Supprimez-les, ou doublez ceux "
    'qui font partie du texte (« "" »), puis importez le fichier à nouveau.',
    "Text follows the closing quote of a cell.",
)
