Feature: Readings that the system sends by itself
  A metering system publishes readings as they come in (TR 61968-900, 6.6.2).

  Rule: Published readings are an event

    @MR-016
    Scenario: Verb and noun of published readings
      When the system has readings to publish
      Then created(MeterReadings) is published

    @MR-017
    Scenario: Published readings say whose they are
      When the system has readings to publish
      Then the published readings name the meter
