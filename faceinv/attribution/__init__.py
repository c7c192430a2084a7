"""Attribution: maps of what each pixel contributes to an answer, by the methods of the field."""
