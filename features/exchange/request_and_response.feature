Feature: Request and response
  One system asks, another answers on the same connection.

  Rule: A request is answered by a response (TR 61968-900, 3.3.3)

    @EXC-001
    Scenario: The answer is a response
      When M1 is asked for R1
      Then the answer is a ResponseMessage
      And there are readings of every meter and type that was asked for

    @EXC-002
    Scenario: The response is about what was asked
      When M1 is asked for R1
      Then the reply carries the Noun of the request
      And there are readings of every meter and type that was asked for

    @EXC-007
    Scenario: An answer at once is the only answer
      When M1 is asked for R1, to be answered at once although a ReplyAddress is given
      And the suite goes on listening
      Then there are readings of every meter and type that was asked for
      And nothing comes later

  Rule: What the schema allows is understood (TR 61968-900, 3.4.6 and 3.4.7)

    @EXC-012
    Scenario: Every optional header element
      When a read of M1 is sent with every optional header element
      Then there are readings of every meter and type that was asked for

    @EXC-013
    Scenario: Unusual namespace prefixes
      When a read of M1 is sent with unusual namespace prefixes
      Then there are readings of every meter and type that was asked for

    @EXC-014
    Scenario: An extension element
      When a read of M1 is sent with an extension element where the schema allows one
      Then there are readings of every meter and type that was asked for

    @EXC-015
    Scenario: Another form of the time stamp
      When a read of M1 is sent with a time stamp of another legal form
      Then there are readings of every meter and type that was asked for

    @EXC-016
    Scenario: A CorrelationID of unusual characters
      When a read of M1 is sent with a CorrelationID of unusual characters
      Then there are readings of every meter and type that was asked for
      And every response carries the CorrelationID of its request

    @EXC-017
    Scenario: Nothing in the header but verb and noun
      When a read of M1 is sent with nothing in its header but verb and noun
      Then there are readings of every meter and type that was asked for
