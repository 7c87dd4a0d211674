"""Every kind of finding there is, by subject. The documentation's table of codes is written from `KINDS`."""

from __future__ import annotations

from dataclasses import replace

from services.registration.domain import file_kinds
from services.registration.domain.findings import Kind, refusal, warning

# Rows
DUPLICATE_IDENTIFIER = refusal(
    "duplicate-identifier",
    "Cet identifiant est déjà employé par une autre fiche ; chaque fiche a le sien.",
    "The identifier is taken: twice with different content (of several exports the newest counts), or in use (API).",
)
DUPLICATE_ROW = warning(
    "duplicate-row",
    "Cette ligne est présente deux fois ; elle n’a été gardée qu’une fois.",
    "The same row appears twice in the file; it was kept once.",
)

# Cells
MISSING_VALUE = refusal(
    "missing-value",
    "Cette valeur est obligatoire.",
    "A required value is missing: a cell is empty, or the file has no such column and the row is of nobody known.",
)
TOO_LONG = refusal(
    "too-long", "Ce texte est trop long ({length} caractères, au plus {limit}).", "A text is longer than its limit."
)
BAD_DATE = refusal(
    "bad-date",
    "Cette date n’existe pas ou n’est pas lisible ; écrivez-la 31/12/2026 ou 2026-12-31.",
    "A date does not exist or is in no known format.",
)
UNREAD_DATE = warning(
    "unread-date",
    "Ceci ne se lit pas comme une date ; écrivez-la 31/12/2026 ou 2026-12-31.",
    "The text of an optional date is not written like one; it was not kept.",
    "Rien n’a été gardé de cette cellule.",
)
NUMBERED_DATE = warning(
    "numbered-date",
    "Un tableur a écrit cette date comme un numéro de jour.",
    "A spreadsheet’s day number stands for a date; it was read as that day.",
    "Elle a été lue comme le {day} ; vérifiez.",
)
BAD_TIME = refusal(
    "bad-time", "Cette heure n’est pas lisible ; écrivez-la 09:30.", "A time of day is not in a known format."
)
BAD_NUMBER = refusal("bad-number", "Un nombre est attendu.", "A number is expected.")
OUT_OF_RANGE = refusal(
    "out-of-range",
    "Cette valeur doit être entre {lowest} et {highest}.",
    "A number is outside its range.",
)
DEFAULT_USED = warning(
    "default-used",
    "Rien n’est indiqué ; « {default} » a été retenu. Vérifiez avec la personne.",
    "A cell is empty and a stated default was taken.",
)
UNKNOWN_WORD = warning(
    "unknown-word",
    "Ce mot n’est pas connu ici. Mots possibles : {choices}.",
    "A word is not among those possible; it was ignored.",
    "Il a été ignoré.",
)
WRONG_WORD = refusal(
    "wrong-word",
    "Ce mot n’est pas connu ici. Mots possibles : {choices}.",
    "A word is not among those possible, and the thing makes no sense without it.",
)
CONTACT_IN_PUBLIC_NAME = refusal(
    "contact-in-public-name",
    "Ce nom est public et circule entre les services : n’y mettez ni numéro de téléphone ni adresse électronique.",
    "The name of a venue holds a telephone number or an e-mail address; it travels to every service.",
)

# Places, occupations, skills, licences
UNKNOWN_COMMUNE = refusal(
    "unknown-commune",
    "Aucune commune de France ne porte ce nom ou ce code.{suggestions}",
    "No commune has this name or code.",
)
AMBIGUOUS_COMMUNE = refusal(
    "ambiguous-commune",
    "Ce nom ou ce code peut désigner {choices}. "
    "Écrivez le nom en entier avec le département ou le code postal, comme « Lens (62) » ou « 62300 Lens ».",
    "A name or code may mean several communes, or one far away that no longer bears it; nothing settles which.",
)
DOUBTFUL_COMMUNE = warning(
    "doubtful-commune",
    "Ce nom est incomplet, ou celui d’une ancienne commune ; il peut désigner {name}.",
    "A short or former name was taken for the one commune near by that it may mean.",
    "C’est ce qui a été retenu ; vérifiez.",
)
UNPLACED_AGENCY = warning(
    "unplaced-agency",
    "Le nom de cette agence peut désigner {choices} : on ne sait pas dans quel département elle est.",
    "An agency's name does not say in which département it is, so that it settles no namesakes (said once an import).",
    "Écrivez-le avec le département, comme « Agence de Lens (62) », pour que les communes homonymes se règlent seules.",
)
CODES_SETTLED = warning(
    "codes-settled-by-column",
    "Des nombres à cinq chiffres de cette colonne sont à la fois des codes postaux et des codes INSEE. "
    "Comme les autres de la colonne, ils ont été lus comme des codes {sort}.",
    "Five digits that can be read in two ways were read as the rest of their column (said once a file).",
)
UNKNOWN_OCCUPATION = refusal(
    "unknown-occupation",
    "Ce métier n’est pas connu ; indiquez un code ROME (une lettre, quatre chiffres) ou un intitulé du ROME."
    "{suggestions}",
    "A need names no known occupation.",
)
UNKNOWN_WISH = warning(
    "unknown-wish",
    "Ce métier n’est pas connu du ROME.{suggestions}",
    "A wish names no known occupation; it was left aside.",
    "Ce souhait a été laissé de côté.",
)
UNKNOWN_SKILL = refusal(
    "unknown-skill",
    "Ce savoir-être n’est pas connu du référentiel « {framework} ».",
    "The framework knows no such skill.",
)
UNKNOWN_FRAMEWORK = refusal(
    "unknown-framework", "Ce référentiel de savoir-être n’est pas connu.", "No such skill framework."
)
UNKNOWN_LICENCE = warning(
    "unknown-licence",
    "Ce permis ou certificat n’est pas connu.",
    "A participant’s licence or certificate is not known; it was left aside.",
    "Il a été laissé de côté.",
)
UNKNOWN_REQUIRED_LICENCE = refusal(
    "unknown-required-licence",
    "Ce permis ou certificat exigé n’est pas connu.",
    "A need requires a licence or certificate that is not known.",
)
UNKNOWN_EXERCISE = warning(
    "unknown-exercise",
    "Cet exercice n’est pas connu du programme.",
    "The exercise is not one of the programme’s; it is kept as “other”.",
    "L’observation est gardée sous « autre exercice ».",
)

# People
BAD_EMAIL = warning(
    "bad-email",
    "Cette adresse de courriel n’est pas valable.",
    "An e-mail address is malformed; it was not kept.",
    "Elle n’a pas été gardée.",
)
BAD_PHONE = warning(
    "bad-phone",
    "Ce numéro de téléphone n’est pas valable.",
    "A telephone number is malformed; it was not kept.",
    "Il n’a pas été gardé.",
)
NO_EMAIL = warning(
    "no-email",
    "Cette personne ne peut pas être jointe par courriel : ses messages seront des lettres à imprimer.",
    "The participant has no e-mail address; letters are printed.",
)
NO_PAIRING_CONSENT = warning(
    "no-pairing-consent",
    "Cette personne n’accepte pas l’appariement : elle est inscrite, mais aucune rencontre ne lui sera proposée.",
    "The participant refuses pairing: registered, never paired.",
)
NO_CONTACT_CONSENT = warning(
    "no-contact-consent",
    "Cette personne n’accepte pas d’être contactée : elle est inscrite, mais rien ne lui sera envoyé.",
    "The participant refuses contact: registered, never written to.",
)
UNCLEAR_CONSENT = warning(
    "unclear-consent",
    "Cette réponse n’est ni oui ni non ; elle n’a rien changé.",
    "A consent is neither yes nor no; it changes nothing.",
)
CONSENT_WITHDRAWN_SINCE = warning(
    "consent-withdrawn-since",
    "Cette personne a retiré ce consentement depuis ; l’import ne le rétablit pas.",
    "The consent was withdrawn by the person; an import never gives it back.",
)
OBJECTED = refusal(
    "objected",
    "Cette personne s’y est opposée. Si elle le veut à nouveau, levez d’abord son opposition, en disant pourquoi.",
    "The participant objects to this purpose; where they want it again, lift the objection first and say why (API).",
)
OBJECTED_SINCE = warning(
    "objected-since",
    "Cette personne s’est opposée à cet usage ; le « oui » de l’export n’y change rien.",
    "The participant objects to this purpose; no import overrules that, and each one that says yes is told so.",
)
TOLD_EACH_TIME = (OBJECTED_SINCE,)
"""What an import tells of a row that changes nothing, too: whoever keeps handing it in has to hear of it."""

UNKNOWN_OBJECTION = refusal(
    "unknown-objection", "Cette personne n’a pas cette opposition.", "The participant has no such objection (API)."
)
OBJECTION_LIFTED = refusal(
    "objection-lifted", "Cette opposition est déjà levée.", "The objection was lifted before (API)."
)
UNKNOWN_CONSENT_TEXT = refusal(
    "unknown-consent-text",
    "Aucun texte d’accord montré jusqu’à ce jour n’a ce numéro ; prenez-en un de la liste des textes.",
    "No text of this purpose with this number was ever shown; take one of the list of consent texts (API).",
)
PROBABLE_DUPLICATE = warning(
    "probable-duplicate",
    "Cette personne est sans doute déjà inscrite{other}, à {percent} % : {reasons}.",
    "The person is probably registered already, by this probability and for these reasons; flagged, never merged.",
    "Un conseiller doit vérifier ; rien n’a été fusionné.",
)
UNLIKELY_BIRTH_DATE = warning(
    "unlikely-birth-date",
    "Cette date de naissance est invraisemblable.",
    "The birth date gives an age below 14 or above 110; it was not kept.",
    "Elle n’a pas été gardée.",
)
SAME_RECORD = refusal(
    "same-record", "C’est deux fois la même fiche ; choisissez-en une autre.", "A record is not merged with itself."
)
ALREADY_MERGED = refusal(
    "already-merged",
    "Cette fiche a été fusionnée avec une autre : c’est l’autre qui compte. Corrigez-la, ou défaites la fusion.",
    "The record was merged into another one of the same person, which goes on.",
)
EXPECTED_AT_MEETUP = refusal(
    "expected-at-meetup",
    "Cette fiche est attendue à une rencontre à venir : gardez-la, et fusionnez l’autre dans celle-ci.",
    "The record has meetings or an invitation ahead: it has to go on, so that nobody is asked twice.",
)
BOTH_EXPECTED = refusal(
    "both-expected",
    "Les deux fiches sont attendues à une rencontre à venir. Convenez avec la personne de la place qu’elle garde, "
    "retirez l’autre fiche de sa rencontre, puis fusionnez.",
    "Both records have meetings or an invitation ahead: the one to be merged is first taken out of its meetup.",
)
MERGED_LATER = refusal(
    "merged-later",
    "Une fusion plus récente concerne la même personne : défaites d’abord celle-là.",
    "A later merge of the same person stands; merges are undone in reverse order.",
)
READ_AS_MERGED = warning(
    "read-as-merged",
    "Cette fiche a été fusionnée avec une autre : la fiche gardée a repris un refus ou des coordonnées qui manquaient.",
    "The record was merged into another one, which took over a refusal or how the person is reached.",
    "Le reste de la ligne n’a pas été repris.",
)
UNKNOWN_MERGE = refusal(
    "unknown-merge",
    "Cette fusion n’existe pas, ou les données de la personne ont été effacées : il n’y a plus rien à défaire.",
    "No such merge, or an erasure took both records.",
)
MERGE_UNDONE = refusal("merge-undone", "Cette fusion a déjà été défaite.", "The merge was undone before.")
ERASED_PARTICIPANT = refusal(
    "erased-participant",
    "Les données de cette personne ont été effacées à sa demande ; elle n’est pas inscrite à nouveau.",
    "The person’s data were erased; an import does not bring them back.",
)

# References between things
UNKNOWN_PARTICIPANT = refusal(
    "unknown-participant", "Aucun participant ne porte cet identifiant.", "No such participant."
)
UNKNOWN_ERASURE = refusal(
    "unknown-erasure", "Aucun effacement ni aucune note à relire ne porte cet identifiant.", "No such erasure or note."
)
NO_ERASURE_PLANNED = refusal(
    "unknown-planned-erasure",
    "Aucun effacement n’est prévu pour cette personne.",
    "It is not planned to erase this person.",
)
UNKNOWN_WORKSHOP = refusal("unknown-workshop", "Aucun atelier ne porte cet identifiant.", "No such workshop.")
UNKNOWN_EMPLOYER = refusal("unknown-employer", "Aucun employeur ne porte cet identifiant.", "No such employer.")
UNKNOWN_NEED = refusal("unknown-need", "Aucun besoin ne porte cet identifiant.", "No such need.")
UNKNOWN_MEETUP = refusal("unknown-meetup", "Aucune rencontre ne porte cet identifiant.", "No such meetup.")
UNKNOWN_VENUE = refusal("unknown-venue", "Aucun lieu ne porte cet identifiant.", "No such venue.")
UNKNOWN_SITE = refusal(
    "unknown-site", "Aucun site de cet employeur ne porte cet identifiant.", "No such site, or another employer’s."
)
UNKNOWN_CONTACT = refusal(
    "unknown-contact",
    "Aucun contact de cet employeur ne porte cet identifiant. L’agence qui répond de l’employeur connaît ses contacts.",
    "No such contact, another employer’s, or one of an employer for which another agency vouches.",
)
UNKNOWN_OPERATION = refusal("unknown-operation", "Aucune opération ne porte cet identifiant.", "No such operation.")
OPERATION_OF_OTHER_AGENCY = refusal(
    "operation-of-other-agency",
    "Cette opération est celle d’une autre agence ; choisissez-en une de l’agence de l’atelier ou de la rencontre.",
    "A workshop or a meetup is part of an operation of its own agency.",
)
OPERATION_IN_USE = refusal(
    "operation-in-use",
    "Des ateliers ou une rencontre font partie de cette opération : elle reste à son agence.",
    "An operation that workshops or a meetup are part of stays with its agency.",
)
OPERATION_HAS_MEETUP = refusal(
    "operation-has-meetup",
    "Cette opération a déjà sa rencontre. Annulez-la, ou retirez-la de l’opération, puis recommencez.",
    "An operation has one meetup that is not cancelled.",
)
DUPLICATE_VENUE = refusal(
    "duplicate-venue",
    "Un autre lieu porte déjà ce nom dans cette commune ; modifiez celui-là, ou donnez un autre nom à celui-ci.",
    "The commune already has a venue of this name.",
)
DUPLICATE_AGENCY = refusal(
    "duplicate-agency",
    "Une agence porte déjà ce nom.",
    "There is an agency of this name.",
)
UNKNOWN_AGENCY = refusal("unknown-agency", "Aucune agence ne porte cet identifiant.", "No such agency.")
OUTCOME_BEFORE_MEETUP = refusal(
    "outcome-before-meetup",
    "Cette date est avant la rencontre ; corrigez-la, ou laissez-la vide.",
    "What came of a meeting cannot have happened before it.",
)
UNKNOWN_CREDENTIAL = refusal("unknown-credential", "Aucun accès ne porte cet identifiant.", "No such credential.")
RIGHT_NOT_GRANTABLE = refusal(
    "right-not-grantable",
    "Le droit « {right} » ne peut pas être donné à un autre système ici. Choisissez parmi ceux de la liste "
    "« /api/v1/credentials/grantable ».",
    "No other system can be given this right, at this agency or for the region.",
)
CREDENTIAL_END = refusal(
    "credential-end",
    "Choisissez une fin dans l’avenir, et dans deux ans au plus.",
    "A credential ends in the future, within two years.",
)
UNKNOWN_IMPORT = refusal("unknown-import", "Aucun import ne porte cet identifiant.", "No such import.")
IMPORT_ENDED = refusal(
    "import-ended", "Cet import est déjà terminé ; il ne peut plus être arrêté.", "The import has ended already."
)
UNKNOWN_EXPORT = refusal("unknown-export", "Aucun export ne porte cet identifiant.", "No such export.")
EXPORT_ENDED = refusal(
    "export-ended", "Cet export est déjà terminé ; il ne peut plus être arrêté.", "The export has ended already."
)
LIST_NOT_EXPORTED = refusal(
    "list-not-exported",
    "Vous ne pouvez pas exporter cette liste ; choisissez parmi {choices}.",
    "There is no such list to export, or not for whoever asks.",
)
UNKNOWN_ACCOUNT = refusal("unknown-account", "Aucun compte ne porte cet identifiant.", "No such account.")
ALREADY_INVITED = refusal(
    "already-invited",
    "Cette personne a déjà un compte ; modifiez-le plutôt.",
    "Somebody with this e-mail address has an account already.",
)
OWN_ACCOUNT = refusal(
    "own-account",
    "Personne ne modifie son propre compte ; demandez-le à quelqu’un d’autre.",
    "Nobody changes or ends their own account.",
)
AGENCY_BY_ROLE = refusal(
    "agency-by-role",
    "La médiation et le conseil ont une agence, le pilotage et l’exploitation n’en ont pas.",
    "Mediators and advisers have an agency, managers and operators none.",
)
UNKNOWN_OBSERVATION = refusal(
    "unknown-observation", "Aucune observation ne porte cet identifiant.", "No such observation."
)
OTHER_AGENCY = refusal(
    "other-agency",
    "Cette fiche appartient à une autre agence.",
    "The thing belongs to another agency than that of the adviser who asks.",
)

# Workshops and observations
BAD_PERIOD = refusal("bad-period", "La fin précède le début.", "A period ends before it begins.")
LEVEL_OUT_OF_RANGE = refusal(
    "level-out-of-range",
    "Le niveau doit être un nombre entier de 0 à 4 (de 1 à 4 dans un besoin).",
    "A level is no whole number on the scale (0 to 4; a need asks 1 to 4).",
)
UNKNOWN_OBSERVER = warning(
    "unknown-observer",
    "Cette personne ne fait pas partie de l’équipe de l’atelier ; l’observation est gardée, à vérifier.",
    "The observer is not among the workshop’s mediators and adviser.",
)
BAD_OBSERVER = refusal(
    "bad-observer",
    "L’observateur doit être une adresse de courriel.",
    "The observer is no e-mail address.",
)
NOT_ENROLLED = refusal(
    "not-enrolled",
    "Cette personne n’est pas inscrite à cet atelier : rien n’a été noté. Son agence peut l’y inscrire.",
    "The participant is not enrolled in the workshop: nobody notes what they saw of somebody who was not there.",
)
UNKNOWN_SESSION = refusal(
    "unknown-session", "Cette séance n’existe pas.", "There is no such session, or it is another workshop’s."
)
OTHER_WORKSHOP = refusal(
    "other-workshop",
    "Une séance reste celle de son atelier ; donnez un autre identifiant à celle d’un autre atelier.",
    "A session stays its workshop’s; one of another workshop has an identifier of its own.",
)
BAD_HOURS = refusal(
    "bad-hours", "La séance finit avant de commencer ; corrigez ses heures.", "A session ends before it begins."
)
SESSION_OUTSIDE_WORKSHOP = warning(
    "session-outside-workshop",
    "Cette séance tombe hors des dates de l’atelier.",
    "The day of a session is not within the dates of its workshop.",
)
NO_SESSION_THAT_DAY = warning(
    "no-session-that-day",
    "Cet atelier n’a pas de séance ce jour-là ; vérifiez la date.",
    "The sessions of the workshop are known, and none is on the day of this observation.",
)
MARKED_ABSENT = warning(
    "marked-absent",
    "Cette personne est notée absente ce jour-là ; vérifiez la date ou sa présence.",
    "The participant is marked as absent from the sessions of the day of this observation.",
)
DATE_OUTSIDE_WORKSHOP = warning(
    "date-outside-workshop",
    "Cette date est hors des dates de l’atelier ; l’observation est gardée, à vérifier.",
    "The observation’s date is outside the workshop’s dates.",
)
DATE_IN_THE_FUTURE = refusal(
    "date-in-the-future",
    "On ne peut pas avoir vu ce qui n’a pas encore eu lieu.",
    "An observation is dated ahead (API).",
)
DUPLICATE_OBSERVATION = warning(
    "duplicate-observation",
    "Cette observation est présente deux fois ; elle n’a été gardée qu’une fois.",
    "The same observation appears twice; it was kept once.",
)
SECOND_LEVEL = warning(
    "second-level",
    "Le même observateur a noté deux fois ce savoir-être ce jour-là, autrement ; les deux notes sont gardées.",
    "One observer noted the same skill of the same person twice that day, differently; both are kept.",
)

# Employers and needs
BAD_SIRET = refusal(
    "bad-siret",
    "Ce numéro SIRET n’est pas valable (14 chiffres dont une clé de contrôle).",
    "The SIRET has not fourteen digits or its check digit is wrong.",
)
WEIGHTS_DO_NOT_ADD_UP = refusal(
    "weights-do-not-add-up",
    "Les poids des savoir-être font {total} % ; ils doivent faire 100 % (à 2 % près).",
    "The weights of a need’s skills do not make 100 ± 2 %.",
)
NO_SKILL = refusal("no-skill", "Un besoin demande au moins un savoir-être.", "A need asks no skill.")
SKILL_TWICE = refusal("skill-twice", "Ce savoir-être est demandé deux fois.", "A need asks one skill twice.")
BAD_REQUIREMENT = refusal(
    "bad-requirement",
    "Chaque savoir-être demandé s’écrit « nom:niveau:poids », par exemple « autonomie:3:40 ».",
    "A required skill is not written skill:level:weight.",
)
OTHER_EMPLOYER = refusal(
    "other-employer",
    "Ce besoin appartient à un autre employeur ; fermez-le et publiez-en un nouveau.",
    "A need cannot move to another employer.",
)
OTHER_EMPLOYERS = refusal(
    "other-employers",
    "Cette fiche appartient à un autre employeur ; créez-en une nouvelle.",
    "A site or a contact cannot move to another employer.",
)
MAIN_CONTACT = refusal(
    "main-contact",
    "C’est le contact principal de cet employeur : nommez-en d’abord un autre.",
    "An employer with contacts has a main one: another one takes its place first.",
)
CONTACT_IN_USE = refusal(
    "contact-in-use",
    "Cet employeur est attendu à une rencontre : seule l’agence qui répond de lui change son contact. Proposez-le-lui.",
    "Shortlists go to this contact: while a meetup is ahead, only the agency that vouches for the employer changes it.",
)
PROPOSAL_SETTLED = refusal(
    "proposal-settled",
    "Cette proposition a déjà été acceptée ou refusée.",
    "The proposal was accepted or refused before.",
)
UNKNOWN_PROPOSAL = refusal("unknown-proposal", "Aucune proposition ne porte cet identifiant.", "No such proposal.")
NEED_CLOSED = refusal("need-closed", "Ce besoin est clos.", "The need is closed.")

# Meetups
MEETUP_IN_THE_PAST = refusal(
    "meetup-in-the-past", "Une rencontre ne peut pas être fixée dans le passé.", "A meetup is set in the past (API)."
)
PAST_MEETUP = warning(
    "past-meetup",
    "Cette rencontre est passée ; elle est enregistrée pour mémoire.",
    "An imported meetup lies in the past; it is kept as a record.",
)
MEETUP_CANCELLED = refusal("meetup-cancelled", "Cette rencontre est annulée.", "The meetup is cancelled.")
MEETUP_TOO_LONG = refusal(
    "meetup-too-long",
    "Les créneaux dépassent la fin de la journée.",
    "The slots of a meetup run past midnight.",
)
NO_TIME_TO_MEET = refusal(
    "no-time-to-meet",
    "Tous les créneaux sont des pauses : il n’en reste aucun pour se rencontrer.",
    "Every slot of the meetup is a break.",
)
BAD_SLOT = refusal("bad-slot", "Ce créneau n’existe pas dans la rencontre.", "A slot is not one of the meetup’s.")
NOT_AT_MEETUP = refusal(
    "not-at-meetup",
    "Cette personne ou ce besoin ne participe pas à la rencontre.",
    "The participant or need is not part of the meetup.",
)

KINDS: tuple[Kind, ...] = tuple(
    value for value in (*vars(file_kinds).values(), *list(globals().values())) if isinstance(value, Kind)
)
"""All kinds: those of files, then in the order above."""

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
