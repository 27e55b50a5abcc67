using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Patterns;

/// <summary>
/// The string formats of JSON Schema. Each is somewhat narrower than its standard, so that all validators and parsers
/// accept what is written: years begin at 0001, seconds have no leap and at most six decimals, offsets from UTC stay
/// within 14 hours, e-mail addresses and URIs name hosts in ASCII.
/// </summary>
internal static class StringFormats
{
    // Multiples of four from 04 to 96: leap years by their last two digits, leap centuries by their first two.
    private const string Four = "(?:0[48]|[2468][048]|[13579][26])";
    private const string Year = @"(?:\d{3}[1-9]|\d\d[1-9]0|\d[1-9]00|[1-9]000)";
    private const string Day28 = @"(?:0[1-9]|1\d|2[0-8])";
    private const string MonthDay =
        $"(?:(?:0[1-9]|1[0-2])-{Day28}|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)";

    private const string Date = $@"(?:{Year}-{MonthDay}|(?:\d\d{Four}|{Four}00)-02-29)";
    private const string Clock = @"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?";
    private const string Time = $@"{Clock}(?:Z|[+\-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))";

    // Larger units lead to smaller ones without a gap, as in appendix A of RFC 3339.
    private const string Seconds = @"\d{1,6}S";
    private const string Minutes = $@"\d{{1,6}}M(?:{Seconds})?";
    private const string Hours = $@"\d{{1,6}}H(?:{Minutes})?";
    private const string OfDay = $"T(?:{Hours}|{Minutes}|{Seconds})";
    private const string Days = @"\d{1,4}D";
    private const string Months = $@"\d{{1,4}}M(?:{Days})?";
    private const string Years = $@"\d{{1,4}}Y(?:{Months})?";
    private const string Duration = $@"P(?:(?:{Years}|{Months}|{Days})(?:{OfDay})?|{OfDay}|\d{{1,4}}W)";

    // RFC 1123 has labels of up to 63 characters. So has the first here; with 26 for each of up to seven others a name
    // stays within the 253 of a whole one. The last begins with a letter, which tells a name from an IPv4 address.
    private const string FirstLabel = @"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?";
    private const string RestOfLabel = @"(?:[A-Za-z0-9\-]{0,24}[A-Za-z0-9])?";
    private const string Labels = $@"{FirstLabel}\.(?:[A-Za-z0-9]{RestOfLabel}\.){{0,6}}";

    // So few that addresses fit within 254 characters, which schemas often ask for beside the format.
    private const string MailLabels = $@"{FirstLabel}\.(?:[A-Za-z0-9]{RestOfLabel}\.){{0,3}}";
    private const string LastLabel = $"[A-Za-z]{RestOfLabel}";
    private const string HostName = $"(?:{Labels})?{LastLabel}";

    // 32 characters and 31 dots, never next to each other, stay within the 64 that may stand before the at sign.
    private const string MailCharacter = @"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]";
    private const string Email = $@"{MailCharacter}(?:\.?{MailCharacter}){{0,31}}@{MailLabels}{LastLabel}";

    private const string Octet = @"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
    private const string IPv4 = $@"{Octet}(?:\.{Octet}){{3}}";
    private const string Hex16 = "[0-9A-Fa-f]{1,4}";

    private const string UriCharacter = @"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})";
    private const string Port = @"(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])";
    private const string Uri = $@"[a-z][a-z0-9+.\-]{{0,15}}://(?:{HostName}|{IPv4})(?::{Port})?(?:/{UriCharacter}*)?"
        + $@"(?:\?(?:{UriCharacter}|\?)*)?(?:#(?:{UriCharacter}|\?)*)?";

    private const string Uuid = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

    /// <summary>The contents of JSON strings, quotes not included, that have a format.</summary>
    /// <returns>Null for a format that is not known here; JSON Schema takes such for an annotation.</returns>
    public static Node? Find(Grammar grammar, string format)
    {
        string? pattern = format switch
        {
            "date" => Date,
            "time" => Time,
            "date-time" => $"{Date}T{Time}",
            "duration" => Duration,
            "email" => Email,
            "hostname" => HostName,
            "ipv4" => IPv4,
            "ipv6" => IPv6(),
            "uri" => Uri,
            "uuid" => Uuid,
            _ => null,
        };
        return pattern is null ? null : PatternParser.Parse(grammar, $"^(?:{pattern})$");
    }

    // Eight groups; or up to seven, with a pair of colons somewhere for those that are zero.
    private static string IPv6()
    {
        const int Groups = 8;
        List<string> forms = [$"{Hex16}(?::{Hex16}){{{Groups - 1}}}"];
        for (int before = 0; before < Groups; before++)
        {
            int after = Groups - 1 - before;
            string head = before == 0 ? "" : $"{Hex16}(?::{Hex16}){{{before - 1}}}";
            string tail = after == 0 ? "" : $"(?:{Hex16}(?::{Hex16}){{0,{after - 1}}})?";
            forms.Add($"{head}::{tail}");
        }

        return string.Join('|', forms);
    }
}
