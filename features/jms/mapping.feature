Feature: What a message says beside its body
  Over JMS a message has headers and properties, by which it is selected without being opened (TR 61968-900, 10.3).

  Rule: The headers say what the message says

    @JMS-001
    Scenario: The answer can be selected by its correlation
      When M1 is asked for R1
      Then the JMSCorrelationID of the answer is the CorrelationID of the request

    @JMS-002 @whole-run
    Scenario: There is one correlation, not two
      Given everything that the system sent in this run
      Then JMSCorrelationID and CorrelationID never disagree

    @JMS-008 @whole-run
    Scenario: JMSType is the kind of message
      Given everything that the system sent in this run
      Then every JMSType names the kind of its message

  Rule: Properties are there, of their type, and legal

    @JMS-005 @whole-run
    Scenario: Properties are there
      Given everything that the system sent in this run
      Then every message has the properties that are declared

    @JMS-006 @whole-run
    Scenario: Properties are of their type
      Given everything that the system sent in this run
      Then every declared property is of its type

    @JMS-007 @whole-run
    Scenario: Properties can be named
      Given everything that the system sent in this run
      Then every property has a legal name

  Rule: The body is the message

    @JMS-009 @whole-run
    Scenario: The body is the message and nothing else
      Given everything that the system sent in this run
      Then every body is one message and nothing else

    @JMS-010
    Scenario: Text, declared as UTF-8
      When a TextMessage in UTF-8 asks for readings of M1
      Then the request was understood

    @JMS-010
    Scenario: Text, declared as UTF-16
      When a TextMessage in UTF-16 asks for readings of M1
      Then the request was understood

    @JMS-011
    Scenario: Bytes in UTF-8
      When a BytesMessage in UTF-8 asks for readings of M1
      Then the request was understood

    @JMS-011
    Scenario: Bytes in UTF-16
      When a BytesMessage in UTF-16 asks for readings of M1
      Then the request was understood

    @JMS-012
    Scenario: A large request
      When the largest message that the system takes asks for readings of M1
      Then the request was understood
