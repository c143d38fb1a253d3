Feature: Requests that are answered later
  Meters may need minutes to answer. The request is acknowledged at once, the answer comes to ReplyAddress.

  Rule: A request to be answered later is acknowledged at once (TR 61968-900, 3.3.3)

    @EXC-003
    Scenario: The acknowledgement carries no payload
      When M1 and M2 are asked for R1, to be answered later
      Then the request is acknowledged at once without payload

    @EXC-008
    Scenario: An acknowledgement that is asked for is given
      When M1 and M2 are asked for R1, to be answered later and acknowledged
      Then the request is acknowledged at once without payload
      And the answer comes later with the CorrelationID of the request

    @EXC-006
    Scenario: A request that does not say where to answer
      Given a read of M1 brings readings
      When M1 is asked for R1, to be answered later without saying where
      Then the request is refused

  Rule: The answer comes to ReplyAddress (TR 61968-900, 3.4.6 and 6.2.3)

    @EXC-004
    Scenario: The later answer can be told from others
      When M1 and M2 are asked for R1, to be answered later
      Then the answer comes later with the CorrelationID of the request

    @EXC-005
    Scenario: The later answer comes once
      When M1 and M2 are asked for R1, to be answered later
      And the suite goes on listening
      Then the later answer comes once

    @EXC-009
    Scenario: Parts of an answer announce the next
      When M1 and M2 are asked for R1, to be answered later
      And the suite goes on listening
      Then every part but the last says that more follows

    @EXC-010
    Scenario: The parts make the whole
      When M1 and M2 are asked for R1, to be answered later
      Then there are readings of every meter and type that was asked for

    @EXC-011
    Scenario: No part repeats another
      When M1 and M2 are asked for R1, to be answered later
      And the suite goes on listening
      Then no reading comes twice
