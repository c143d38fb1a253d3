Feature: Requests that must be refused
  A request that cannot be understood is refused, and says why. The twin of each is a read that succeeds.

  Rule: What is not understood is refused (TR 61968-900, 3.4 and 4.5)

    @REP-002
    Scenario: An unknown verb
      Given a read of M1 brings readings
      When a read of M1 is sent with a verb that the standard does not have
      Then the request is refused

    @REP-004
    Scenario: An unknown noun
      Given a read of M1 brings readings
      When a read of M1 is sent with a noun that the standard does not have
      Then the request is refused

    @REP-006
    Scenario: A header without a noun
      Given a read of M1 brings readings
      When a read of M1 is sent without a noun
      Then the request is refused

    @REP-008
    Scenario: A get that names nothing
      Given a read of M1 brings readings
      When a read of M1 is sent without saying what is wanted
      Then the request is refused

    @REP-012
    Scenario: An element that the schema does not have
      Given a read of M1 brings readings
      When a read of M1 is sent with an element that the schema does not have
      Then the request is refused

    @REP-014
    Scenario: A revision from the far future
      Given a read of M1 brings readings
      When a read of M1 is sent of a revision from the far future
      Then the request is refused

    @REP-029
    Scenario: A message that is cut off
      Given a read of M1 brings readings
      When a read of M1 is sent cut off in the middle
      Then the unreadable message is refused

    @REP-010
    Scenario: A control without its payload
      Given M1 can be disconnected
      When a control of M1 is sent without its payload
      Then the request is refused

  Rule: The refusal says why (61968-9:2013 Annex B)

    @REP-003
    Scenario: The code of an unknown verb
      Given a read of M1 brings readings
      When a read of M1 is sent with a verb that the standard does not have
      Then an error says 2.9 or 1.8

    @REP-005
    Scenario: The code of an unknown noun
      Given a read of M1 brings readings
      When a read of M1 is sent with a noun that the standard does not have
      Then an error says 2.5

    @REP-007
    Scenario: The code of a missing header element
      Given a read of M1 brings readings
      When a read of M1 is sent without a noun
      Then an error says 1.5 or 1.8

    @REP-009
    Scenario: The code of a missing request element
      Given a read of M1 brings readings
      When a read of M1 is sent without saying what is wanted
      Then an error says 1.6

    @REP-013
    Scenario: The code of a broken schema
      Given a read of M1 brings readings
      When a read of M1 is sent with an element that the schema does not have
      Then an error says 1.8

    @REP-015
    Scenario: The code of an unsupported revision
      Given a read of M1 brings readings
      When a read of M1 is sent of a revision from the far future
      Then an error says 1.9

    @REP-011
    Scenario: The code of a missing payload
      Given M1 can be disconnected
      When a control of M1 is sent without its payload
      Then an error says 1.7

  Rule: A refusal harms nobody else (TR 61968-900, 4.5)

    @REP-030
    Scenario: The next request is served
      Given a read of M1 brings readings
      When a read of M1 is sent cut off in the middle
      And M1 is asked for R1
      Then the system serves the next request
