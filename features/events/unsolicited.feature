Feature: Events that the system sends by itself
  What happens at a meter is told to whoever subscribed (TR 61968-900, 3.3.4 and 7.6).

  Rule: What happens is published

    @EVT-001
    Scenario: An event is published
      When something happens at the meter
      Then created(EndDeviceEvents) is published

    @EVT-002
    Scenario: The event says where
      When something happens at the meter
      Then an event names the meter

    @EVT-003
    Scenario: The event says what
      When something happens at the meter
      Then an event of the meter has the declared type

    @EVT-004
    Scenario: The event comes once
      When something happens at the meter
      And the suite goes on listening
      Then the event comes once

    @EVT-005
    Scenario: The event says when
      When something happens at the meter
      Then the event says when it happened
