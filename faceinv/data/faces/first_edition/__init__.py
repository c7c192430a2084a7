"""The first edition of the faces, frozen: the shipped bases and tables rest on these pictures.

Nothing here changes; the folder goes once no base and no table rests on it.
"""
