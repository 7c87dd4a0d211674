"""Every kind of finding there is, by subject. The documentation's table of codes is written from `KINDS`."""

from __future__ import annotations

from dataclasses import replace

from services.registration.domain.findings import Kind, Severity


def _refusal(code: str, message: str, meaning: str) -> Kind:
    return Kind(code, Severity.REFUSED, message, meaning)


def _warning(code: str, message: str, meaning: str, consequence: str = "") -> Kind:
    return Kind(code, Severity.WARNING, message, meaning, consequence)


# Files and their shape
UNKNOWN_FILE = _warning(
    "unknown-file",
    "Ce fichier n’est pas l’un de ceux que l’on importe ; il a été laissé de côté.",
    "Neither the file’s name nor its columns are those of a known export; it was left aside.",
)
OUTCOMES_NOT_READ = _refusal(
    "outcomes-not-read",
    "Les suites des rencontres ne s’importent pas encore : rien n’a été lu de ce fichier, gardez-le. "
    "Les autres fichiers ont été lus.",
    "What came of meetings is a list that is known and not read yet; it is recorded through the API.",
)
EMPTY_FILE = _refusal("empty-file", "Le fichier est vide.", "The file holds nothing, not even a header.")
NOT_A_TEXT_FILE = _refusal(
    "not-a-text-file",
    "Ce fichier n’est pas un texte CSV ; exportez-le en CSV (UTF-8).",
    "The file is no CSV text (a spreadsheet or another binary format).",
)
ENCODED_TWICE = _warning(
    "encoded-twice",
    "Ce fichier a été converti en UTF-8 deux fois : à partir de cette ligne, des accents étaient abîmés « Ã© ».",
    "Text was encoded as UTF-8 twice; its letters were put right (said once a file, at its first such line).",
    "Ils ont été rétablis ; vérifiez quelques noms.",
)
UNUSUAL_ENCODING = _warning(
    "unusual-encoding",
    "Ce fichier est encodé en {encoding}.",
    "The file is in an encoding that is seldom used; it was read so.",
    "Ses accents ont été lus ainsi ; vérifiez quelques noms, ou exportez-le en CSV UTF-8.",
)
MIXED_ENCODINGS = _warning(
    "mixed-encodings",
    "Ce fichier mêle des lignes en UTF-8 et, à partir de celle-ci, d’autres en {encoding}.",
    "Some lines are UTF-8 and others are not; each was read as it is written.",
    "Chaque ligne a été lue selon son encodage ; vérifiez quelques noms.",
)
DOUBTFUL_ENCODING = _warning(
    "doubtful-encoding",
    "L’encodage de ce fichier n’est pas reconnu : à partir de cette ligne, des lettres ne sont pas du français.",
    "Letters that French does not use make the encoding uncertain.",
    "Il a été lu comme du {encoding} ; vérifiez les noms, ou exportez-le en CSV UTF-8.",
)
WRITTEN_FOR_PAGES = _warning(
    "written-for-pages",
    "À partir de cette ligne, des lettres étaient écrites comme dans une page web, « &eacute; » pour « é ».",
    "Letters were written as HTML entities; they were put right (said once a file).",
    "Elles ont été rétablies ; vérifiez quelques noms.",
)
LOST_LETTERS = _warning(
    "lost-letters",
    "Des lettres ont été perdues avant l’import : « {mark} » est à leur place à partir de cette ligne.",
    "A program before the import has replaced letters by U+FFFD or by question marks.",
    "Les noms ont été gardés ainsi ; exportez le fichier à nouveau en CSV UTF-8 et réimportez-le.",
)
TOO_MANY_COLUMNS = _refusal(
    "too-many-columns",
    "Ce fichier a plus de {limit} colonnes : ce n’est pas une liste ; aucune ligne n’a été lue. Supprimez les colonnes "
    "vides ou sans objet, puis importez-le à nouveau.",
    "The header has more columns than any list; the file was not read.",
)
TOO_MANY_LINES = _refusal(
    "too-many-lines",
    "Ce fichier a plus de {limit} lignes : aucune n’a été lue. Supprimez les lignes vides ou sans objet, ou "
    "partagez-le en plusieurs fichiers, puis importez-les à nouveau.",
    "The file has more lines than any list; it was not read.",
)
MISSING_COLUMN = _refusal(
    "missing-column",
    "La colonne obligatoire « {column} » manque ; aucune ligne de ce fichier n’a été lue.",
    "The column that tells what a row is about is missing; every row of the file is refused.",
)
UNKNOWN_COLUMN = _warning(
    "unknown-column",
    "La colonne « {column} » n’est pas connue ; elle a été ignorée.",
    "A column is not part of the format; it was ignored (said once a file).",
)
REPEATED_COLUMN = _warning(
    "repeated-column",
    "La colonne « {column} » est présente deux fois ; seule la première compte.",
    "A column appears twice; the first one counts.",
)
TOO_FEW_CELLS = _refusal(
    "too-few-cells",
    "La ligne s’arrête après {found} cellule(s), avant la colonne obligatoire « {column} ».",
    "The row ends before a required column; only empty last cells of optional columns may be missing.",
)
TOO_MANY_CELLS = _refusal(
    "too-many-cells",
    "La ligne a {found} cellules au lieu de {expected} : un séparateur de trop, ou des guillemets oubliés.",
    "The row has more cells than the header.",
)
UNCLOSED_QUOTES = _refusal(
    "unclosed-quotes",
    "Les guillemets ouverts à la ligne {opened} ne se referment pas, du moins pas dans les {lines} lignes suivantes. "
    "Refermez-les ou supprimez-les, puis importez le fichier à nouveau. Les lignes suivantes ont été lues.",
    "A quoted cell is not closed within the lines that a record may have; the lines after it were read on their own.",
)
BROKEN_QUOTES = _refusal(
    "broken-quotes",
    "Les guillemets ouverts à la ligne {opened} se referment au milieu d’un texte. Supprimez-les, ou doublez ceux "
    'qui font partie du texte (« "" »), puis importez le fichier à nouveau.',
    "Text follows the closing quote of a cell.",
)
DUPLICATE_IDENTIFIER = _refusal(
    "duplicate-identifier",
    "Cet identifiant est déjà employé par une autre fiche ; chaque fiche a le sien.",
    "The identifier is taken: twice with different content (of several exports the newest counts), or in use (API).",
)
DUPLICATE_ROW = _warning(
    "duplicate-row",
    "Cette ligne est présente deux fois ; elle n’a été gardée qu’une fois.",
    "The same row appears twice in the file; it was kept once.",
)

# Cells
MISSING_VALUE = _refusal(
    "missing-value",
    "Cette valeur est obligatoire.",
    "A required value is missing: a cell is empty, or the file has no such column and the row is of nobody known.",
)
TOO_LONG = _refusal(
    "too-long", "Ce texte est trop long ({length} caractères, au plus {limit}).", "A text is longer than its limit."
)
BAD_DATE = _refusal(
    "bad-date",
    "Cette date n’existe pas ou n’est pas lisible ; écrivez-la 31/12/2026 ou 2026-12-31.",
    "A date does not exist or is in no known format.",
)
UNREAD_DATE = _warning(
    "unread-date",
    "Ceci ne se lit pas comme une date ; écrivez-la 31/12/2026 ou 2026-12-31.",
    "The text of an optional date is not written like one; it was not kept.",
    "Rien n’a été gardé de cette cellule.",
)
NUMBERED_DATE = _warning(
    "numbered-date",
    "Un tableur a écrit cette date comme un numéro de jour.",
    "A spreadsheet’s day number stands for a date; it was read as that day.",
    "Elle a été lue comme le {day} ; vérifiez.",
)
BAD_TIME = _refusal(
    "bad-time", "Cette heure n’est pas lisible ; écrivez-la 09:30.", "A time of day is not in a known format."
)
BAD_NUMBER = _refusal("bad-number", "Un nombre est attendu.", "A number is expected.")
OUT_OF_RANGE = _refusal(
    "out-of-range",
    "Cette valeur doit être entre {lowest} et {highest}.",
    "A number is outside its range.",
)
DEFAULT_USED = _warning(
    "default-used",
    "Rien n’est indiqué ; « {default} » a été retenu. Vérifiez avec la personne.",
    "A cell is empty and a stated default was taken.",
)
UNKNOWN_WORD = _warning(
    "unknown-word",
    "Ce mot n’est pas connu ici. Mots possibles : {choices}.",
    "A word is not among those possible; it was ignored.",
    "Il a été ignoré.",
)
WRONG_WORD = _refusal(
    "wrong-word",
    "Ce mot n’est pas connu ici. Mots possibles : {choices}.",
    "A word is not among those possible, and the thing makes no sense without it.",
)

# Places, occupations, skills, licences
UNKNOWN_COMMUNE = _refusal(
    "unknown-commune",
    "Aucune commune de France ne porte ce nom ou ce code.{suggestions}",
    "No commune has this name or code.",
)
AMBIGUOUS_COMMUNE = _refusal(
    "ambiguous-commune",
    "Ce nom ou ce code peut désigner {choices}. "
    "Écrivez le nom en entier avec le département ou le code postal, comme « Lens (62) » ou « 62300 Lens ».",
    "A name or code may mean several communes, or one far away that no longer bears it; nothing settles which.",
)
DOUBTFUL_COMMUNE = _warning(
    "doubtful-commune",
    "Ce nom est incomplet, ou celui d’une ancienne commune ; il peut désigner {name}.",
    "A short or former name was taken for the one commune near by that it may mean.",
    "C’est ce qui a été retenu ; vérifiez.",
)
UNPLACED_AGENCY = _warning(
    "unplaced-agency",
    "Le nom de cette agence peut désigner {choices} : on ne sait pas dans quel département elle est.",
    "An agency's name does not say in which département it is, so that it settles no namesakes (said once an import).",
    "Écrivez-le avec le département, comme « Agence de Lens (62) », pour que les communes homonymes se règlent seules.",
)
CODES_SETTLED = _warning(
    "codes-settled-by-column",
    "Des nombres à cinq chiffres de cette colonne sont à la fois des codes postaux et des codes INSEE. "
    "Comme les autres de la colonne, ils ont été lus comme des codes {sort}.",
    "Five digits that can be read in two ways were read as the rest of their column (said once a file).",
)
UNKNOWN_OCCUPATION = _refusal(
    "unknown-occupation",
    "Ce métier n’est pas connu ; indiquez un code ROME (une lettre, quatre chiffres) ou un intitulé du ROME.",
    "A need names no known occupation.",
)
UNKNOWN_WISH = _warning(
    "unknown-wish",
    "Ce métier n’est pas connu du ROME.",
    "A wish names no known occupation; it was left aside.",
    "Ce souhait a été laissé de côté.",
)
UNKNOWN_SKILL = _refusal(
    "unknown-skill",
    "Ce savoir-être n’est pas connu du référentiel « {framework} ».",
    "The framework knows no such skill.",
)
UNKNOWN_FRAMEWORK = _refusal(
    "unknown-framework", "Ce référentiel de savoir-être n’est pas connu.", "No such skill framework."
)
UNKNOWN_LICENCE = _warning(
    "unknown-licence",
    "Ce permis ou certificat n’est pas connu.",
    "A participant’s licence or certificate is not known; it was left aside.",
    "Il a été laissé de côté.",
)
UNKNOWN_REQUIRED_LICENCE = _refusal(
    "unknown-required-licence",
    "Ce permis ou certificat exigé n’est pas connu.",
    "A need requires a licence or certificate that is not known.",
)
UNKNOWN_EXERCISE = _warning(
    "unknown-exercise",
    "Cet exercice n’est pas connu du programme.",
    "The exercise is not one of the programme’s; it is kept as “other”.",
    "L’observation est gardée sous « autre exercice ».",
)

# People
BAD_EMAIL = _warning(
    "bad-email",
    "Cette adresse de courriel n’est pas valable.",
    "An e-mail address is malformed; it was not kept.",
    "Elle n’a pas été gardée.",
)
BAD_PHONE = _warning(
    "bad-phone",
    "Ce numéro de téléphone n’est pas valable.",
    "A telephone number is malformed; it was not kept.",
    "Il n’a pas été gardé.",
)
NO_EMAIL = _warning(
    "no-email",
    "Cette personne ne peut pas être jointe par courriel : ses messages seront des lettres à imprimer.",
    "The participant has no e-mail address; letters are printed.",
)
NO_PAIRING_CONSENT = _warning(
    "no-pairing-consent",
    "Cette personne n’accepte pas l’appariement : elle est inscrite, mais aucune rencontre ne lui sera proposée.",
    "The participant refuses pairing: registered, never paired.",
)
NO_CONTACT_CONSENT = _warning(
    "no-contact-consent",
    "Cette personne n’accepte pas d’être contactée : elle est inscrite, mais rien ne lui sera envoyé.",
    "The participant refuses contact: registered, never written to.",
)
UNCLEAR_CONSENT = _warning(
    "unclear-consent",
    "Cette réponse n’est ni oui ni non ; elle n’a rien changé.",
    "A consent is neither yes nor no; it changes nothing.",
)
CONSENT_WITHDRAWN_SINCE = _warning(
    "consent-withdrawn-since",
    "Cette personne a retiré ce consentement depuis ; l’import ne le rétablit pas.",
    "The consent was withdrawn by the person; an import never gives it back.",
)
PROBABLE_DUPLICATE = _warning(
    "probable-duplicate",
    "Cette personne ressemble à une autre, déjà inscrite{other}. Un conseiller doit vérifier ; rien n’a été fusionné.",
    "The person is probably registered already; flagged for an adviser, never merged.",
)
UNLIKELY_BIRTH_DATE = _warning(
    "unlikely-birth-date",
    "Cette date de naissance est invraisemblable.",
    "The birth date gives an age below 14 or above 110; it was not kept.",
    "Elle n’a pas été gardée.",
)
ERASED_PARTICIPANT = _refusal(
    "erased-participant",
    "Les données de cette personne ont été effacées à sa demande ; elle n’est pas inscrite à nouveau.",
    "The person’s data were erased; an import does not bring them back.",
)

# References between things
UNKNOWN_PARTICIPANT = _refusal(
    "unknown-participant", "Aucun participant ne porte cet identifiant.", "No such participant."
)
UNKNOWN_ERASURE = _refusal(
    "unknown-erasure", "Aucun effacement ni aucune note à relire ne porte cet identifiant.", "No such erasure or note."
)
UNKNOWN_WORKSHOP = _refusal("unknown-workshop", "Aucun atelier ne porte cet identifiant.", "No such workshop.")
UNKNOWN_EMPLOYER = _refusal("unknown-employer", "Aucun employeur ne porte cet identifiant.", "No such employer.")
UNKNOWN_NEED = _refusal("unknown-need", "Aucun besoin ne porte cet identifiant.", "No such need.")
UNKNOWN_MEETUP = _refusal("unknown-meetup", "Aucune rencontre ne porte cet identifiant.", "No such meetup.")
UNKNOWN_AGENCY = _refusal("unknown-agency", "Aucune agence ne porte cet identifiant.", "No such agency.")
UNKNOWN_OBSERVATION = _refusal(
    "unknown-observation", "Aucune observation ne porte cet identifiant.", "No such observation."
)
OTHER_AGENCY = _refusal(
    "other-agency",
    "Cette fiche appartient à une autre agence.",
    "The thing belongs to another agency than that of the adviser who asks.",
)

# Workshops and observations
BAD_PERIOD = _refusal("bad-period", "La fin précède le début.", "A period ends before it begins.")
LEVEL_OUT_OF_RANGE = _refusal(
    "level-out-of-range",
    "Le niveau doit être un nombre entier de 0 à 4 (de 1 à 4 dans un besoin).",
    "A level is no whole number on the scale (0 to 4; a need asks 1 to 4).",
)
UNKNOWN_OBSERVER = _warning(
    "unknown-observer",
    "Cette personne ne fait pas partie de l’équipe de l’atelier ; l’observation est gardée, à vérifier.",
    "The observer is not among the workshop’s mediators and adviser.",
)
BAD_OBSERVER = _refusal(
    "bad-observer",
    "L’observateur doit être une adresse de courriel.",
    "The observer is no e-mail address.",
)
NOT_ENROLLED = _warning(
    "not-enrolled",
    "Cette personne n’est pas inscrite à l’atelier ; l’observation est gardée, à vérifier.",
    "The participant is not enrolled in the workshop.",
)
DATE_OUTSIDE_WORKSHOP = _warning(
    "date-outside-workshop",
    "Cette date est hors des dates de l’atelier ; l’observation est gardée, à vérifier.",
    "The observation’s date is outside the workshop’s dates.",
)
DATE_IN_THE_FUTURE = _refusal(
    "date-in-the-future",
    "On ne peut pas avoir vu ce qui n’a pas encore eu lieu.",
    "An observation is dated ahead (API).",
)
DUPLICATE_OBSERVATION = _warning(
    "duplicate-observation",
    "Cette observation est présente deux fois ; elle n’a été gardée qu’une fois.",
    "The same observation appears twice; it was kept once.",
)
SECOND_LEVEL = _warning(
    "second-level",
    "Le même observateur a noté deux fois ce savoir-être ce jour-là, autrement ; les deux notes sont gardées.",
    "One observer noted the same skill of the same person twice that day, differently; both are kept.",
)

# Employers and needs
BAD_SIRET = _refusal(
    "bad-siret",
    "Ce numéro SIRET n’est pas valable (14 chiffres dont une clé de contrôle).",
    "The SIRET has not fourteen digits or its check digit is wrong.",
)
WEIGHTS_DO_NOT_ADD_UP = _refusal(
    "weights-do-not-add-up",
    "Les poids des savoir-être font {total} % ; ils doivent faire 100 % (à 2 % près).",
    "The weights of a need’s skills do not make 100 ± 2 %.",
)
NO_SKILL = _refusal("no-skill", "Un besoin demande au moins un savoir-être.", "A need asks no skill.")
SKILL_TWICE = _refusal("skill-twice", "Ce savoir-être est demandé deux fois.", "A need asks one skill twice.")
BAD_REQUIREMENT = _refusal(
    "bad-requirement",
    "Chaque savoir-être demandé s’écrit « nom:niveau:poids », par exemple « autonomie:3:40 ».",
    "A required skill is not written skill:level:weight.",
)
OTHER_EMPLOYER = _refusal(
    "other-employer",
    "Ce besoin appartient à un autre employeur ; fermez-le et publiez-en un nouveau.",
    "A need cannot move to another employer.",
)
NEED_CLOSED = _refusal("need-closed", "Ce besoin est clos.", "The need is closed.")

# Meetups
MEETUP_IN_THE_PAST = _refusal(
    "meetup-in-the-past", "Une rencontre ne peut pas être fixée dans le passé.", "A meetup is set in the past (API)."
)
PAST_MEETUP = _warning(
    "past-meetup",
    "Cette rencontre est passée ; elle est enregistrée pour mémoire.",
    "An imported meetup lies in the past; it is kept as a record.",
)
MEETUP_CANCELLED = _refusal("meetup-cancelled", "Cette rencontre est annulée.", "The meetup is cancelled.")
MEETUP_TOO_LONG = _refusal(
    "meetup-too-long",
    "Les créneaux dépassent la fin de la journée.",
    "The slots of a meetup run past midnight.",
)
BAD_SLOT = _refusal("bad-slot", "Ce créneau n’existe pas dans la rencontre.", "A slot is not one of the meetup’s.")
NOT_AT_MEETUP = _refusal(
    "not-at-meetup",
    "Cette personne ou ce besoin ne participe pas à la rencontre.",
    "The participant or need is not part of the meetup.",
)

KINDS: tuple[Kind, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Kind))
"""All kinds, in the order above."""

MISSING_FOR_NEW = replace(
    MISSING_VALUE,
    message="Aucune fiche ne porte cet identifiant, et pour en créer une il manque {columns}.",
)
"""The same code in the words of a correction that names somebody nobody knows."""

MISSING_FOR_NEW_NOTE = replace(
    MISSING_VALUE,
    message="Sans la colonne « niveau », une ligne ne peut corriger qu’une observation déjà connue, et une seule.",
)
"""The same code in the words of an observation without a level."""

OLDER_EXPORT = replace(
    DUPLICATE_IDENTIFIER,
    message="Cet identifiant est aussi, autrement, dans « {newer} », plus récent d’après son nom ; ce dernier compte.",
)
"""The same code in the words of a folder that holds several exports of one list."""
