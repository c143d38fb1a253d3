Feature: Naming meters
  A meter is named by its mRID, or by names that say their type and who gives them (TR 61968-900, 5.2).

  Rule: A meter is found by whatever names it

    @NAM-001
    Scenario: By mRID
      When M1 by mRID is asked for R1
      Then there are readings of every meter and type that was asked for

    @NAM-002
    Scenario: By name, type and authority
      When M1 by name is asked for R1
      Then there are readings of every meter and type that was asked for

    @NAM-003
    Scenario: By several identifiers at once
      When M1 by mRID and names is asked for R1
      Then there are readings of every meter and type that was asked for
      And no reading comes twice
      And the reply is OK

    @NAM-004
    Scenario: The answer uses the name that was asked by
      When M1 by name is asked for R1
      Then the answer names the meter as the request did

  Rule: A name is not a meter by its text alone

    @NAM-005
    Scenario: A name of another type
      Given a read of M1 brings readings
      When M1 by a name of another type is asked for R1
      Then there are no readings
      And the reply is FAILED

    @NAM-006
    Scenario: A name of another authority
      Given a read of M1 brings readings
      When M1 by a name of another authority is asked for R1
      Then there are no readings
      And the reply is FAILED

    @NAM-007
    Scenario: A name that two meters bear
      When M1 by the name that another meter bears too is asked for R1
      Then there are readings of every meter and type that was asked for
      And no reading is of a meter that was not asked for
