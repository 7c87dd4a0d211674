"""A pairing follows what is true now: what may not stay, what an adviser is asked, and the pairing mended.

judgement = judge(MeetupRules(truth), pairing.outline, of_in_force=True)
judgement.out, judgement.displaced, judgement.asks
mended = mend(MeetupRules(truth), pairing)
outdated(MeetupRules(truth), proposal.outline)  # why a proposal that waits cannot be approved any more
"""
