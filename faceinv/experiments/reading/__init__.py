"""Reading under transformation, which joins the studies: whether a map moves with the face."""
