@whole-run
Feature: Every message that the system sends
  Whatever a message is about, these obligations hold. They are judged once, over the whole run.

  Rule: A message can be read (TR 61968-900, 3.4.1 and 3.4.7)

    @ENV-001
    Scenario: Every message is well-formed
      Given everything that the system sent in this run
      Then every message is well-formed XML without a document type declaration

    @ENV-002
    Scenario: Every envelope is valid
      Given everything that the system sent in this run
      Then every message is valid against the envelope schema

    @ENV-019
    Scenario: Every payload is valid
      Given everything that the system sent in this run
      Then every payload is valid against the schema of its profile

    @ENV-017
    Scenario: Every reference can be resolved
      Given everything that the system sent in this run
      Then every ref names a code or an element of the message

  Rule: Verb and noun say what a message is (TR 61968-900, 3.4.2)

    @ENV-003
    Scenario: Every verb is known
      Given everything that the system sent in this run
      Then every Verb is one of the standard's

    @ENV-004
    Scenario: Every noun is known
      Given everything that the system sent in this run
      Then every Noun is a profile's name

    @ENV-005
    Scenario: Every verb fits its message
      Given everything that the system sent in this run
      Then every Verb fits the type of its message

    @ENV-006
    Scenario: Every response says reply
      Given everything that the system sent in this run
      Then every response carries the verb reply

    @ENV-018
    Scenario: Every payload fits its noun
      Given everything that the system sent in this run
      Then every payload is of the profile that the Noun names

  Rule: A message can be told from others and put in its place (TR 61968-900, 3.4.5 and 3.4.6)

    @ENV-007
    Scenario: Responses are correlated
      Given everything that the system sent in this run
      Then every response carries the CorrelationID of its request

    @ENV-008
    Scenario: Every message is identified
      Given everything that the system sent in this run
      Then every message carries a MessageID

    @ENV-009
    Scenario: No identifier is used twice
      Given everything that the system sent in this run
      Then no MessageID comes twice

    @ENV-010
    Scenario: Every message is stamped
      Given everything that the system sent in this run
      Then every message carries a Timestamp

    @ENV-011
    Scenario: Every stamp says its zone
      Given everything that the system sent in this run
      Then every Timestamp says its time zone

    @ENV-012
    Scenario: Every stamp is true
      Given everything that the system sent in this run
      Then every Timestamp tells when the message was made

  Rule: Result and errors agree (TR 61968-900, 4.7.2)

    @ENV-013
    Scenario: OK means without an error
      Given everything that the system sent in this run
      Then every OK comes without an error

    @ENV-014
    Scenario: FAILED says what failed
      Given everything that the system sent in this run
      Then every FAILED says what failed

    @ENV-015
    Scenario: PARTIAL says what is missing
      Given everything that the system sent in this run
      Then every PARTIAL says what is missing or that more follows

    @ENV-016
    Scenario: Error codes are known
      Given everything that the system sent in this run
      Then every error code is one of Annex B
