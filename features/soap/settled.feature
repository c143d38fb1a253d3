@whole-run
Feature: What is acknowledged is settled
  A sender that repeats what was acknowledged makes its peer book it twice (TR 61968-900, 10.2.4).

  Rule: An acknowledgement ends the delivery (Figure 70)

    @SOAP-014
    Scenario: Nothing is sent twice
      Given everything that the system sent in this run
      Then nothing that was acknowledged comes again
