"""Grows a History: the code is asked, a director decides, and the service's part is written down."""
