Feature: The description of the service
  A client is made from the description that the system publishes (TR 61968-900, 10.2.2).

  Rule: A client can be made from it

    @SOAP-019
    Scenario: It can be read
      When the description of the system is read
      Then the description can be read with everything that it imports

    @SOAP-020
    Scenario: Its messages are elements that it declares
      When the description of the system is read
      Then every part of the description is an element that its schemas declare

    @SOAP-023
    Scenario: It binds whole documents
      When the description of the system is read
      Then the operation for requests is bound as document and literal

    @SOAP-024
    Scenario: It leads to the system
      When the description of the system is read
      Then every address of the description is one that a client can use

  Rule: It offers what the guideline describes

    @SOAP-021
    Scenario: Requests can be sent
      When the description of the system is read
      Then the description offers the request for readings, answered by a response

    @SOAP-022
    Scenario: The operations are called as in the guideline
      When the description of the system is read
      Then the operations for all nouns have the names of the guideline

  Rule: The system does what it describes

    @SOAP-025
    Scenario: Its own action is accepted
      When a client that is made from the description reads M1
      Then there are readings of every meter and type that was asked for
