Feature: Envelopes over JMS
  A request says in its properties how it is to be read and whom it is for.

  Rule: Both message classes are understood (W3C binding to JMS, 2.4)

    @JMS-113
    Scenario: A request as text
      When a read of M1 goes over JMS as a text
      Then there are readings of every meter and type that was asked for

    @JMS-113
    Scenario: A request as bytes
      When a read of M1 goes over JMS as bytes
      Then there are readings of every meter and type that was asked for

  Rule: What contradicts itself is refused (W3C binding to JMS, 2.2.3, 2.2.4 and 2.8)

    @JMS-121
    Scenario: Another version of the binding
      Given a read of M1 brings readings
      When a read of M1 goes over JMS with a binding version that does not exist
      Then it is refused with the fault unrecognizedBindingVersion

    @JMS-122
    Scenario: No request URI
      Given a read of M1 brings readings
      When a read of M1 goes over JMS without a request URI
      Then it is refused with the fault missingRequestURI

    @JMS-123
    Scenario: A request URI that is none
      Given a read of M1 brings readings
      When a read of M1 goes over JMS with a request URI that is none
      Then it is refused with the fault malformedRequestURI

    @JMS-124
    Scenario: A target service in the request URI
      Given a read of M1 brings readings
      When a read of M1 goes over JMS with a target service in its request URI
      Then it is refused with the fault targetServiceNotAllowedInRequestURI

    @JMS-125
    Scenario: No content type
      Given a read of M1 brings readings
      When a read of M1 goes over JMS without a content type
      Then it is refused with the fault missingContentType

    @JMS-126
    Scenario: A charset that is not the encoding
      Given a read of M1 brings readings
      When a read of M1 goes over JMS with a charset that is not its encoding
      Then it is refused with the fault contentTypeMismatch

    @JMS-127
    Scenario: Two actions
      Given a read of M1 brings readings
      When a read of M1 goes over JMS with a content type that names another action
      Then it is refused with the fault mismatchedSoapAction

  Rule: Faults can be told without reading them (W3C binding to JMS, 2.2.3)

    @JMS-106
    Scenario: A fault is marked
      Given a read of M1 brings readings
      When a read of M1 goes over JMS with a binding version that does not exist
      Then the fault is marked as one
