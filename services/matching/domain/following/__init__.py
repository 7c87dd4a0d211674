"""A pairing follows what is true now: what may not stay, what an adviser is asked, and the pairing mended.

judgement = judge(Rules(truth), pairing.outline, of_in_force=True)
judgement.out, judgement.displaced, judgement.asks
mended = mend(Rules(truth), pairing)
outdated(Rules(truth), proposal.outline)  # why a proposal that waits cannot be approved any more
"""
