"""The words of PartiQL that name no attribute or table unless they stand in double quotes.

Captured: every one of these, put where an attribute's name belongs, was refused by DynamoDB Local
1.25.1, which shares the service's parser. They are SQL-92's reserved words and some of PartiQL's
own. `day`, `hour`, `minute`, `month`, `second` and `year` are free, since they are parts of dates.
DynamoDB's own long list of reserved words does not hold here: `name` and `status` need no quotes.
"""

from typing import Final

_WORDS: Final = """
    absolute action add all allocate alter and any are as asc assertion at authorization avg begin
    between bit bit_length by cascade cascaded case cast catalog char character character_length
    char_length check close coalesce collate collation column commit connect connection constraint
    constraints continue convert corresponding count create cross current current_date current_time
    current_timestamp current_user cursor date deallocate dec decimal declare default deferrable
    deferred delete desc describe descriptor diagnostics disconnect distinct domain double drop else
    end escape except exception exec execute exists external extract fetch first float for foreign
    found from full get global go goto grant group having identity immediate in indicator initially
    inner input insensitive insert int integer intersect interval into is isolation join key
    language last left level like local lower match max min module names national natural nchar next
    no not nullif numeric octet_length of on only open option or order outer output overlaps pad
    partial position precision prepare preserve primary prior privileges procedure public read real
    references relative restrict revoke right rollback rows schema scroll section select session
    session_user set size smallint some space sql sqlcode sqlerror sqlstate substring sum
    system_user table temporary then time timestamp to transaction translate translation trim union
    unique unknown update upper usage user using value values varchar varying view when whenever
    where with work write zone
    false missing null true
    bag blob bool boolean clob conflict date_add date_diff do index let limit list modified new
    nothing old pivot remove returning sexp string struct symbol tuple unpivot
    """
KEYWORDS: Final = frozenset(_WORDS.split())

# Keywords that name a function where a parenthesis follows.
_FUNCTION_WORDS: Final = """
    avg bit_length char_length character_length coalesce count exists lower max min nullif
    octet_length size sum upper
    """
FUNCTION_KEYWORDS: Final = frozenset(_FUNCTION_WORDS.split())
