Feature: Where messages go, and how often
  Queues for requests and answers, topics for events; a broker keeps, repeats and forgets (TR 61968-900, 10.3).

  Rule: The answer goes where the request says, and can be told from others

    @JMS-001
    Scenario: The answer can be selected by its correlation
      When M1 is asked for R1
      Then the JMSCorrelationID of the answer is the CorrelationID of the request

    @JMS-003
    Scenario: A temporary queue
      When a temporary queue is given for the answer about M1
      Then the answer comes to the temporary queue

    @JMS-004
    Scenario: A named queue
      When a named queue is given for the answer about M1
      Then the answer comes to the named queue

    @JMS-017
    Scenario: Acknowledgement and answer go their own ways
      When M1 and M2 are asked for R1, to be answered later and acknowledged
      Then the acknowledgement comes to JMSReplyTo and the answer to ReplyAddress

    @JMS-018
    Scenario: One message answers
      When a named queue is given for the answer about M1
      And the suite goes on listening
      Then one message answers

  Rule: A request is carried out in time or not at all, and once

    @JMS-015
    Scenario: An expired request
      Given a request that lives long enough brings readings of M1
      When an expired request asks for readings of M1
      And the suite goes on listening
      Then the expired request is not carried out

    @JMS-016
    Scenario: A request that is delivered twice
      When the request that disconnects M1 is delivered twice
      And the suite goes on listening
      Then the control is carried out once

  Rule: Events go to topics

    @JMS-019
    Scenario: An event on its topic
      When something happens at the meter
      And the suite goes on listening
      Then the event comes once to a declared topic

    @JMS-020
    Scenario: A durable subscriber was away
      When something happens at the meter while a durable subscriber is away
      Then the durable subscriber gets the event
