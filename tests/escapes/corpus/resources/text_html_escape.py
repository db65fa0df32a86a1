# class: escape of a text that grows six times; expected: exception
import html
response = html.escape("'" * 1000000)
