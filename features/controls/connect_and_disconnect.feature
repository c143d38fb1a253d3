Feature: Connecting and disconnecting meters
  A control is accepted by the reply, and reported done by an event for each meter (TR 61968-900, 7.2).

  Rule: A control is answered, then reported (TR 61968-900, 7.2 to 7.5)

    @CTL-001
    Scenario: The control is accepted
      When M1 is disconnected
      Then the reply is OK
      And the reply carries the Noun of the request

    @CTL-002
    Scenario: The control is reported done
      When M1 is disconnected
      Then each meter is reported by an event

    @CTL-003
    Scenario: The event belongs to its control
      When M1 is disconnected
      Then each event carries the CorrelationID of the control

    @CTL-006
    Scenario: The event is of the right type
      When M1 is disconnected
      Then each event is of the type declared for its control

    @CTL-007
    Scenario: The event names its meter
      When M1 is disconnected
      Then each event names its meter as the control did

    @CTL-008
    Scenario: The event is newer than its control
      When M1 is disconnected
      Then no event was created before the control

    @CTL-014
    Scenario: The meter is named by its name
      When M1 by name is disconnected
      Then each meter is reported by an event

    @CTL-016
    Scenario: A control that is answered later
      When M1 is disconnected, to be answered later
      Then the request is acknowledged at once without payload
      And the answer comes later with the CorrelationID of the request

    @CTL-017
    Scenario: First the reply, then the event
      When M1 is disconnected
      Then the reply comes before the events

  Rule: Each meter counts (TR 61968-900, 7.3)

    @CTL-004
    Scenario: Two meters are reported
      When M1 and M2 are disconnected
      Then each meter is reported by an event

    @CTL-005
    Scenario: No meter is reported twice
      When M1 and M2 are disconnected
      And the suite goes on listening
      Then no meter is reported twice

    @CTL-015
    Scenario: Two controls in one message
      Given M2 has been disconnected
      When these controls are sent in one message
        | meter | control    |
        | M1    | disconnect |
        | M2    | connect    |
      Then each event is of the type declared for its control

  Rule: What cannot be controlled is an error (TR 61968-900, 4.4 and 7.4)

    @CTL-009
    Scenario: An unknown meter among known ones
      When M1 and an unknown meter are disconnected
      Then the reply is PARTIAL

    @CTL-010
    Scenario: The error names the unknown meter
      When M1 and an unknown meter are disconnected
      Then each unknown meter is named by an error of its own

    @CTL-011
    Scenario: The known meter is controlled
      When M1 and an unknown meter are disconnected
      Then each meter is reported by an event

    @CTL-012
    Scenario: Unknown meters only
      Given M1 can be disconnected
      When an unknown meter is disconnected
      Then the reply is FAILED

    @CTL-013
    Scenario: An unknown control type
      Given M1 can be disconnected
      When a control of M1 is sent of a type that nobody knows
      And the suite goes on listening
      Then the request is refused
      And no event reports the refused control

    @CTL-018
    Scenario: A control without its type
      Given M1 can be disconnected
      When a control of M1 is sent without its control type
      And the suite goes on listening
      Then the request is refused
      And no event reports the refused control
