@whole-run
Feature: Every message in its envelope
  The carrier puts each message into an envelope, and tells its peer what is in it (TR 61968-900, 10.2.1).

  Rule: The envelope is built as its version wants it (Figure 68)

    @SOAP-001
    Scenario: Every envelope is complete and in order
      Given everything that the system sent in this run
      Then every message stands in an envelope that is built as its version wants it

    @SOAP-002
    Scenario: Every body holds the message and nothing else
      Given everything that the system sent in this run
      Then every Body holds one element

    @SOAP-003
    Scenario: No message instructs a processor
      Given everything that the system sent in this run
      Then no message holds a processing instruction

  Rule: An answer is carried like its request

    @SOAP-004
    Scenario: The version stays the same
      Given everything that the system sent in this run
      Then every answer comes in the version of its request

    @SOAP-005
    Scenario: The style stays the same
      Given everything that the system sent in this run
      Then every answer comes in the style of its request

  Rule: What surrounds the envelope fits it

    @SOAP-006
    Scenario: The media type says what it is
      Given everything that the system sent in this run
      Then every message has the media type of its version

    @SOAP-007
    Scenario: The action is said
      Given everything that the system sent in this run
      Then every message that is not an answer says its action

    @SOAP-008
    Scenario: The status agrees with the answer
      Given everything that the system sent in this run
      Then every answer that is no fault comes with a status of success
