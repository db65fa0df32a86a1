# class: doctype behind the XML header; expected: refused twiml
response = '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE Response><Response/>'
