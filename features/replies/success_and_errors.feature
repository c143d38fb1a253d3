Feature: What a reply says
  The Result is the sum; the errors say what of it failed, object by object.

  Rule: Success is said by OK (TR 61968-900, 4.3 and 4.6)

    @REP-001
    Scenario: Everything succeeds
      When M1 and M2 are asked for R1 and R2
      Then the reply is OK
      And there are readings of every meter and type that was asked for

  Rule: Data and errors come together (TR 61968-900, 4.4 and 4.5)

    @REP-016
    Scenario: An unknown meter among known ones
      When M1 and an unknown meter are asked for R1
      Then the reply is PARTIAL

    @REP-017
    Scenario: The known meter is served
      When M1 and an unknown meter are asked for R1
      Then there are readings of every meter and type that was asked for

    @REP-018
    Scenario: The error names the unknown meter
      When M1 and an unknown meter are asked for R1
      Then each unknown meter is named by an error of its own

    @REP-019
    Scenario: The error has the code of an unknown meter
      When M1 and an unknown meter are asked for R1
      Then the error of the unknown meter says 2.4

    @REP-020
    Scenario: The known meter is not blamed
      When M1 and an unknown meter are asked for R1
      Then no meter that was served is named by an error

    @REP-023
    Scenario: Nothing is invented
      When M1 and an unknown meter are asked for R1
      Then no reading is of an unknown meter
      And the reply is PARTIAL

  Rule: Nothing but errors is FAILED (TR 61968-900, 4.7.2)

    @REP-021
    Scenario: Every meter is unknown
      Given a read of M1 brings readings
      When an unknown meter and another unknown meter are asked for R1
      Then the reply is FAILED

    @REP-022
    Scenario: Two unknown meters have two errors
      Given a read of M1 brings readings
      When M1, an unknown meter and another unknown meter are asked for R1
      Then each unknown meter is named by an error of its own

  Rule: A reading type that cannot be served is an error (TR 61968-900, 6.3.3)

    @REP-024
    Scenario: A reading type that is no code
      Given a read of M1 brings readings
      When M1 is asked for an unknown reading type
      Then the request is refused

    @REP-025
    Scenario: The error has the code of an unknown reading type
      Given a read of M1 brings readings
      When M1 is asked for an unknown reading type
      Then an error says 2.6

    @REP-026
    Scenario: A reading type that no meter has
      Given a read of M1 brings readings
      When M1 is asked for an unsupported reading type
      Then the reply is not OK

    @REP-027
    Scenario: The error has the code of an unsupported reading type
      Given a read of M1 brings readings
      When M1 is asked for an unsupported reading type
      Then an error says 2.10 or 5.6

    @REP-028
    Scenario: An unknown reading type among known ones
      When M1 is asked for R1 and an unknown reading type
      Then the reply is PARTIAL
      And there are readings of every meter and type that was asked for
