"""What registration's API answers: the shape of each record, alone and in lists."""
