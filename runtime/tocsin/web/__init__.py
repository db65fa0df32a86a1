"""The doors of the gateway: webhooks from Twilio, the REST API, health.

This room knows HTTP and nothing of what a call means; it hands checked values to calls and alarms.
"""
