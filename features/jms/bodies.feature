Feature: Bodies that the system has to understand
  The body is the message, as text or as bytes (TR 61968-900, 10.3).

  Rule: Characters are characters, and bytes are what they declare

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

  Rule: A large request is a request

    @JMS-012
    Scenario: A large request
      When the largest message that the system takes asks for readings of M1
      Then the request was understood
