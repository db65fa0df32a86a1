# class: raising something that is no exception; expected: exception
raise call
