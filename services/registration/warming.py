"""What registration reads once, before it serves."""

from shared.reference import communes, exercises, licences, occupations, skills


def warm() -> None:
    """Read the tables of words, with the indexes that find what is only nearly right.

    Not the index by which somebody types an occupation: only those who ask for it need its 9 MB, in a thread.
    """
    communes.suggest("Lans")
    occupations.find_occupation("boulangr")
    skills.framework()
    licences.licences()
    exercises.exercises()
