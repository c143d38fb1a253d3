@whole-run
Feature: Every message in an envelope over JMS
  What stands beside an envelope stands in properties of JMS. They are judged once, over the whole run.

  Rule: A message says how it is to be read (W3C binding to JMS, 2.2.3 and 2.4)

    @JMS-101
    Scenario: Every body is an envelope
      Given everything that the system sent in this run
      Then every body is an envelope

    @JMS-102
    Scenario: Every message says the version of the binding
      Given everything that the system sent in this run
      Then every message says binding version 1.0

    @JMS-103
    Scenario: Every message says its content type
      Given everything that the system sent in this run
      Then every content type is that of the envelope

    @JMS-104
    Scenario: Charset and encoding agree
      Given everything that the system sent in this run
      Then every charset is the encoding of the XML

    @JMS-105
    Scenario: Faults and nothing else are called faults
      Given everything that the system sent in this run
      Then every mark of a fault is true

    @JMS-109
    Scenario: Both actions agree
      Given everything that the system sent in this run
      Then no content type names another action than the message

  Rule: A later answer or an event says whom it is for (W3C binding to JMS, 2.2.3; RFC 6167)

    @JMS-107
    Scenario: What comes later has a request URI
      Given everything that the system sent in this run
      Then every later answer and event says whom it is for

    @JMS-108
    Scenario: The request URI names the destination
      Given everything that the system sent in this run
      Then every later answer and event came to where it says

  Rule: An answer is like its request (W3C binding to JMS, 2.6.2.3)

    @JMS-110
    Scenario: Answers are correlated by their headers
      Given everything that the system sent in this run
      Then every answer carries the correlation header of its request

    @JMS-111
    Scenario: Answers are delivered like their requests
      Given everything that the system sent in this run
      Then every answer is delivered like its request

    @JMS-112
    Scenario: Answers are of the class of their requests
      Given everything that the system sent in this run
      Then every answer is of the message class of its request
