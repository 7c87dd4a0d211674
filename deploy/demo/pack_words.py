"""The invented people, towns, employers and sentences of the demo pack. Any likeness to real ones is chance."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Town:
    """Where a group of fifteen meets: the agency's town, the museum, and communes nearby where people live and work."""

    name: str
    museum: str
    nearby: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackEmployer:
    """An employer of a town: name, the person who recruits, commune, and the occupations of its needs."""

    name: str
    contact: str
    commune: str
    occupations: tuple[str, ...]


TOWNS = (
    Town("Lens", "Louvre-Lens", ("Liévin", "Avion", "Harnes", "Hénin-Beaumont", "Bully-les-Mines", "Carvin")),
    Town("Lille", "Palais des Beaux-Arts", ("Lambersart", "La Madeleine", "Loos", "Marcq-en-Barœul", "Wattignies")),
    Town("Roubaix", "La Piscine", ("Tourcoing", "Wattrelos", "Hem", "Wasquehal", "Lys-lez-Lannoy", "Leers")),
    Town("Valenciennes", "Musée des Beaux-Arts", ("Anzin", "Denain", "Raismes", "Saint-Saulve", "Onnaing")),
    Town("Douai", "Musée de la Chartreuse", ("Sin-le-Noble", "Waziers", "Somain", "Aniche", "Dechy")),
    Town("Cambrai", "Musée de Cambrai", ("Caudry", "Neuville-Saint-Rémy", "Proville", "Escaudœuvres", "Iwuy")),
    Town("Calais", "Musée des Beaux-Arts", ("Marck", "Coulogne", "Coquelles", "Guînes", "Sangatte")),
    Town("Dunkerque", "LAAC", ("Coudekerque-Branche", "Grande-Synthe", "Loon-Plage", "Bergues", "Cappelle-la-Grande")),
)

EMPLOYERS = {
    "Lens": (
        PackEmployer("Les Repas du Bassin", "Odile Carpentier", "Lens", ("G1602", "G1603")),
        PackEmployer("Logis Propre Artois", "Rachid Amrane", "Liévin", ("K2204", "K1304")),
        PackEmployer("Entrepôts de la Gohelle", "Sylvie Wattel", "Carvin", ("N1103",)),
    ),
    "Lille": (
        PackEmployer("Maison Douce, aide à domicile", "Fatou Diarra", "Lille", ("K1302", "K1304")),
        PackEmployer("Hôtel du Beffroi blanc", "Paul Verhaeghe", "Lille", ("G1501", "G1803")),
        PackEmployer("Épicerie des Quatre Vents", "Maud Leclercq", "La Madeleine", ("D1106",)),
    ),
    "Roubaix": (
        PackEmployer("Clinique des Tisserands", "Bernard Fiévet", "Roubaix", ("J1301", "M1601")),
        PackEmployer("Supermarché La Navette", "Leïla Haddad", "Tourcoing", ("D1505", "D1507")),
        PackEmployer("Fil et Carton", "Jérôme Planckaert", "Wattrelos", ("H3302",)),
    ),
    "Valenciennes": (
        PackEmployer("Bâtir en Hainaut", "Carlo Benedetti", "Anzin", ("F1704", "F1703")),
        PackEmployer("Résidence des Peupliers", "Nadège Lemaire", "Valenciennes", ("K1302", "J1301")),
        PackEmployer("Les Verts Sillons", "Hugues Dubrulle", "Saint-Saulve", ("A1203",)),
    ),
    "Douai": (
        PackEmployer("Brasserie de la Scarpe", "Anne Delval", "Douai", ("G1803", "G1602")),
        PackEmployer("Trions ensemble", "Youssef Belkacem", "Sin-le-Noble", ("K2304",)),
        PackEmployer("Conserverie du Beffroi", "Martine Houzé", "Somain", ("H2102", "N1101")),
    ),
    "Cambrai": (
        PackEmployer("Boulangerie des Trois Clochers", "Denis Lefort", "Cambrai", ("D1106", "D1102")),
        PackEmployer("Dentelle et Compagnie", "Inès Marquant", "Caudry", ("H3302",)),
        PackEmployer("Cambrésis Services", "Gérald Sauvage", "Cambrai", ("K2204", "K1304")),
    ),
    "Calais": (
        PackEmployer("Transit du Détroit", "Karen Whitmore", "Marck", ("N1106", "N4105")),
        PackEmployer("La Table des Bourgeois", "Thibault Sagot", "Calais", ("G1603", "G1602")),
        PackEmployer("Crèche des Petits Quais", "Aurore Bailleul", "Calais", ("K1303",)),
    ),
    "Dunkerque": (
        PackEmployer("Accueil des Dunes", "Samia Ouali", "Dunkerque", ("M1601", "G1202")),
        PackEmployer("Nettoyage du Port", "Frédéric Looten", "Grande-Synthe", ("K2204",)),
        PackEmployer("Marché du Minck", "Élodie Vandenbroucke", "Dunkerque", ("D1505", "D1106")),
    ),
}

WOMEN = (
    "Aïcha Alice Amandine Anaïs Annie Assia Béatrice Brigitte Camille Capucine Chantal Charlène Coralie Corinne "
    "Delphine Dorothée Élise Émilie Esther Eva Farida Florence Gaëlle Hélène Iris Jade Jeanne Jessica Justine "
    "Karima Laëtitia Léa Lina Louane Lucie Maëva Manon Marianne Mélissa Mireille Myriam Nadia Naïma Noémie Océane "
    "Pascale Pauline Rosa Sabrina Salomé Sandrine Sarah Sonia Soraya Tatiana Valérie Vanessa Wendy Yasmine Zoé"
)
MEN = (
    "Abdel Adam Alain Alexis Amadou Antonin Arnaud Axel Baptiste Benoît Boris Brahim Cédric Clément Cyril Damien "
    "David Dylan Édouard Émile Enzo Éric Fabien Farès Félix Gaspard Gilles Grégory Hakim Ibrahim Jimmy Joël Jordan "
    "Julien Kévin Killian Loïc Ludovic Malik Marius Mathis Mehdi Moussa Nathan Nicolas Omar Patrick Quentin Rayan "
    "Rémi Romain Samuel Serge Steven Sylvain Théo Tristan Victor Yanis Youri"
)
FAMILIES = (
    "Allaert Auvray Bakkali Bardin Beaucamp Benali Bernaert Blondiau Boidin Bonvarlet Bouchez Boulanger Bricout "
    "Cailliez Camara Carlier Caron Catteau Chevalier Colpaert Courtecuisse Crépin Daumont Debruyne Decoster "
    "Defossez Dehaene Delattre Deleplace Demarque Deroo Desmet Dhaene Diallo Dufour Duquesne Duthoit Évrard "
    "Fasquelle Ferhat Fournier Gallet Ghesquière Gomes Guilbert Hamza Hennebelle Herbaut Hocquet Houssin Jouvenel "
    "Kaczmarek Kowalski Lacroix Lamotte Ledoux Lefebvre Legrand Lepoutre Leroy Lesage Levasseur Loridan Maes Mahieu "
    "Mansouri Marchand Masclet Mercier Meurisse Minet Monnier Morel Nowak Ouedraogo Parent Petitpas Pinchon "
    "Plouvier Pruvost Quéva Rahmani Renard Rigaux Roussel Saelens Salomé Sénéchal Sow Stievenard Szymanski Tahri "
    "Tellier Thorez Traoré Trinel Vasseur Verbeke Vercruysse Verdier Vidal Vincent Wallart Wattiau Willem Yahiaoui "
    "Zielinski Zouaoui"
)

EXERCISES = {
    "Le dessin dicté": ("6D101", "6D108", "6D109", "6D110", "6D112"),
    "Défendre une œuvre": ("6D103", "6D105", "6D106", "6D112", "6D115"),
    "L’accrochage collectif": ("6D102", "6D104", "6D106", "6D107", "6D111", "6D113"),
    "Guide d’un quart d’heure": ("6D101", "6D105", "6D107", "6D111", "6D116"),
    "Le carnet de la Galerie du temps": ("6D108", "6D109", "6D110", "6D114", "6D115"),
}
"""What each exercise lets one see."""

REMARKS = {
    "Le dessin dicté": (
        ("A décrit trop vite, le dessin est resté vide.", "A baissé les bras à la deuxième reprise."),
        ("A repris sa description après une question.", "A trouvé des repères simples à mi-parcours."),
        (
            "A attendu que l’autre ait fini avant de poursuivre.",
            "A tout repris calmement quand le trait partait de travers.",
        ),
    ),
    "Défendre une œuvre": (
        ("N’a pas voulu choisir.", "A lu le cartel sans donner d’avis."),
        ("A donné une raison, puis plus rien.", "A tenu son idée devant une objection."),
        ("A convaincu deux personnes de changer d’avis.", "A répondu à chaque objection sans hausser le ton."),
    ),
    "L’accrochage collectif": (
        ("A gardé ses distances avec le groupe.", "A laissé les autres décider."),
        ("A proposé une place pour une œuvre.", "A rappelé l’heure une fois."),
        (
            "A partagé les tâches et vérifié que chacun en avait une.",
            "A trouvé un accord quand deux plans s’opposaient.",
        ),
    ),
    "Guide d’un quart d’heure": (
        ("A récité sans regarder le groupe.", "A coupé court à la première question."),
        ("A adapté la fin de la visite.", "A répondu aux questions simples."),
        (
            "A vu qu’une personne entendait mal et a parlé plus près.",
            "A changé de parcours quand la salle s’est fermée.",
        ),
    ),
    "Le carnet de la Galerie du temps": (
        ("A rendu un carnet presque vide.", "A recopié les dates sans regarder."),
        ("A tenu son carnet la moitié de la visite.", "A noté des détails sur trois œuvres."),
        ("A relié des œuvres de trois époques.", "A fini son carnet malgré l’heure, sans erreur."),
    ),
}
"""For each exercise what may be noted at levels 0–1, 2 and 3–4."""

ADVISERS = (
    ("Hélène", "Castelain"),
    ("Mickaël", "Tréhou"),
    ("Souad", "Meziane"),
    ("Laurent", "Bécu"),
    ("Christelle", "Dubar"),
    ("Vincent", "Herman"),
    ("Perrine", "Ansel"),
    ("Ousmane", "Cissé"),
)
MEDIATORS = (
    ("Agathe", "Rolland"),
    ("Bastien", "Vermeille"),
    ("Clémence", "Aubin"),
    ("Djamel", "Kaci"),
    ("Eugénie", "Lantoine"),
    ("Firmin", "Grave"),
    ("Garance", "Pottier"),
    ("Henri", "Sockeel"),
    ("Irène", "Valcke"),
    ("Jonas", "Briand"),
    ("Katia", "Morvillez"),
    ("Léandre", "Coquet"),
    ("Maryse", "Thibaut"),
    ("Nino", "Spinelli"),
    ("Olympe", "Hazard"),
    ("Prosper", "Lemoigne"),
)
