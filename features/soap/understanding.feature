Feature: What must be understood, and what need not be
  An envelope may carry more than the message. Its receiver understands it, leaves it alone, or refuses.

  Rule: What must be understood and is not, is refused

    @SOAP-009
    Scenario: A header block that nobody knows
      Given a read of M1 brings readings
      When a read of M1 is sent with a header block that must be understood and that nobody knows
      Then the request is refused with the fault MustUnderstand

    @SOAP-011
    Scenario: An envelope of the future
      Given a read of M1 brings readings
      When a read of M1 is sent in an envelope of no known version
      Then the request is refused with the fault VersionMismatch

  Rule: What need not be understood does no harm

    @SOAP-010
    Scenario: Header blocks that are only there
      When a read of M1 is sent with header blocks that need not be understood
      Then there are readings of every meter and type that was asked for

    @SOAP-010
    Scenario: A header block for somebody else
      When a read of M1 is sent with a header block that another node must understand
      Then there are readings of every meter and type that was asked for

  Rule: A fault can be told from an answer

    @SOAP-012
    Scenario: A fault is a failure for the transport, too
      Given a read of M1 brings readings
      When a read of M1 is sent with a header block that must be understood and that nobody knows
      Then every fault comes with a status of failure

    @SOAP-013
    Scenario: A fault says what and why
      Given a read of M1 brings readings
      When a read of M1 is sent with a header block that must be understood and that nobody knows
      Then every fault says its code and its reason
