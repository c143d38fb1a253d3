@whole-run
Feature: What every message over JMS owes
  Over JMS a message has headers and properties, by which it is selected without being opened (TR 61968-900, 10.3).

  Rule: The headers say what the message says

    @JMS-002
    Scenario: There is one correlation, not two
      Given everything that the system sent in this run
      Then JMSCorrelationID and CorrelationID never disagree

    @JMS-008
    Scenario: JMSType is the kind of message
      Given everything that the system sent in this run
      Then every JMSType names the kind of its message

  Rule: Properties are there, of their type, and legal

    @JMS-005
    Scenario: Properties are there
      Given everything that the system sent in this run
      Then every message has the properties that are declared

    @JMS-006
    Scenario: Properties are of their type
      Given everything that the system sent in this run
      Then every declared property is of its type

    @JMS-007
    Scenario: Properties can be named
      Given everything that the system sent in this run
      Then every property has a legal name

  Rule: The body is the message

    @JMS-009
    Scenario: The body is the message and nothing else
      Given everything that the system sent in this run
      Then every body is one message and nothing else

  Rule: A message lives as long as it is worth something

    @JMS-013
    Scenario: What nobody asks for twice survives the broker
      Given everything that the system sent in this run
      Then everything that comes by itself is persistent

    @JMS-014
    Scenario: Answers live long enough
      Given everything that the system sent in this run
      Then nothing expires while it is waited for
