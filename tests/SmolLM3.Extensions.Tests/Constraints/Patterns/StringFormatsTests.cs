using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Xml;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Patterns;

namespace SmolLM3.Extensions.Tests.Constraints.Patterns;

public sealed class StringFormatsTests
{
    // What reads each format, stricter than its standard or not.
    public static TheoryData<string, Func<string, bool>> Readers => new()
    {
        { "date", text => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _) },
        { "time", text => IsInstant($"2000-01-01T{text}") },
        { "date-time", IsInstant },
        { "duration", text => text.EndsWith('W') || XmlConvert.ToTimeSpan(text) >= TimeSpan.Zero },
        { "email", text => MailAddress.TryCreate(text, out _) },
        { "hostname", text => Uri.CheckHostName(text) == UriHostNameType.Dns && text.Length <= 253 },
        { "ipv4", text => IPAddress.TryParse(text, out IPAddress? address) && address.ToString() == text },
        { "ipv6", text => IPAddress.TryParse(text, out _) && text.Contains(':') },
        { "uri", text => Uri.TryCreate(text, UriKind.Absolute, out _) },
        { "uuid", text => Guid.TryParseExact(text, "D", out _) },
    };

    [Theory]
    [MemberData(nameof(Readers))]
    public void What_is_written_can_be_read(string format, Func<string, bool> isReadable)
    {
        Node node = Find(format);
        Random random = new(1);

        Assert.All(Enumerable.Range(0, 1_000).Select(_ => node.Member(random)), text => Assert.True(isReadable(text)));
    }

    [Fact]
    public void All_days_of_the_calendar_are_dates_and_no_others()
    {
        Node date = Find("date");
        for (int year = 1; year <= 9999; year++)
        {
            Check(year, 2, 29);
        }

        foreach (int year in (int[])[0, 1, 1900, 2000, 2023, 2024, 9999])
        {
            for (int month = 0; month <= 13; month++)
            {
                for (int day = 0; day <= 32; day++)
                {
                    Check(year, month, day);
                }
            }
        }

        void Check(int year, int month, int day)
        {
            bool exists = year is >= 1 and <= 9999 && month is >= 1 and <= 12
                && day >= 1 && day <= DateTime.DaysInMonth(year, month);
            string text = string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{month:00}-{day:00}");
            Assert.True(exists == date.Accepts(text), text);
        }
    }

    [Fact]
    public void Addresses_and_identifiers_of_any_kind_are_accepted()
    {
        Node ipv4 = Find("ipv4"), ipv6 = Find("ipv6"), uuid = Find("uuid");
        Random random = new(1);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bytes = new byte[16];
            random.NextBytes(bytes);
            Assert.True(uuid.Accepts(new Guid(bytes).ToString()));
            Assert.True(ipv4.Accepts(new IPAddress(bytes[..4]).ToString()));
            bytes[0] |= 1; // Else some are shown with an IPv4 address in them.
            for (int group = 2; group < 16; group += 2)
            {
                bytes[group] = random.Next(2) == 0 ? bytes[group] : (byte)0;
                bytes[group + 1] = bytes[group] == 0 ? (byte)0 : bytes[group + 1];
            }

            Assert.True(ipv6.Accepts(new IPAddress(bytes).ToString()));
        }
    }

    [Theory]
    [InlineData("date", "2024-02-29", "0001-01-01", "9999-12-31")]
    [InlineData("time", "00:00:00Z", "23:59:59.123456+14:00", "12:30:00-05:30")]
    [InlineData("date-time", "2026-11-23T12:00:00Z", "2000-02-29T23:59:59.5-00:00")]
    [InlineData("duration", "P1Y2M3DT4H5M6S", "PT0S", "P3W", "P1M", "PT1M", "P1DT1H", "PT36H")]
    [InlineData("email", "a@b.co", "first.last+tag@mail.example.org", "o'brien@example.com")]
    [InlineData("hostname", "localhost", "a", "www.example.com", "3com.com", "a-b.c--d.e", "a.b.c.d.e.f.g.h")]
    [InlineData("ipv4", "0.0.0.0", "255.255.255.255", "127.0.0.1")]
    [InlineData("ipv6", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "fe80::A:0b")]
    [InlineData("uri", "http://a", "https://example.com:8080/a%20b/?q=1&r=(2)", "ftp://127.0.0.1/x#y?z", "x+y://h?")]
    [InlineData("uuid", "00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-A456-426614174000")]
    public void Examples_are_accepted(string format, params string[] texts)
    {
        Node node = Find(format);

        Assert.All(texts, text => Assert.True(node.Accepts(text)));
    }

    [Theory]
    [InlineData("date", "2023-02-29", "2024-2-9", "2024-13-01", "2024-04-31", "0000-01-01", "2024-01-01T", "")]
    [InlineData("time", "24:00:00Z", "12:60:00Z", "23:59:60Z", "12:00:00", "12:00Z", "12:00:00.Z", "12:00:00+14:01")]
    [InlineData("date-time", "2026-11-23", "2026-11-23 12:00:00Z", "2026-11-23t12:00:00z")]
    [InlineData("duration", "P", "PT", "P1YT", "P1H", "P1Y3D", "PT1H6S", "P1W1D", "P1.5D", "1D")]
    [InlineData("email", "a", "@b.co", "a@b", ".a@b.co", "a.@b.co", "a..b@c.de", "a@b.co.", "a b@c.de", "a@1.2")]
    [InlineData("hostname", "", ".", "a.", "-a", "a-", "a..b", "a_b", "1.2.3.4", "a.b.c.d.e.f.g.h.i")]
    [InlineData("ipv4", "256.0.0.0", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ")]
    [InlineData("ipv6", ":", "1", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3::4:5:6:7:8", "g::")]
    [InlineData("uri", "a", "/a", "//a", "http:", "http://", "http://a:65536", "http://a/%2", "http:// a")]
    [InlineData("uuid", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g")]
    public void What_is_not_of_the_format_is_rejected(string format, params string[] texts)
    {
        Node node = Find(format);

        Assert.All(texts, text => Assert.False(node.Accepts(text)));
    }

    [Fact]
    public void Labels_and_names_have_their_greatest_lengths()
    {
        Node name = Find("hostname"), mail = Find("email");
        string rest = string.Concat(Enumerable.Repeat("." + new string('b', 26), 7));

        Assert.True(name.Accepts(new string('a', 63) + rest));
        Assert.False(name.Accepts(new string('a', 64) + rest));
        Assert.False(name.Accepts($"a.{new string('b', 27)}.c"));
        Assert.True(mail.Accepts($"{string.Concat(Enumerable.Repeat("a.", 31))}a@b.c"));
        Assert.False(mail.Accepts($"{new string('a', 33)}@b.c"));
    }

    [Theory]
    [InlineData("regex")]
    [InlineData("uri-reference")]
    [InlineData("Date")]
    [InlineData("")]
    public void Other_formats_are_not_known(string format) => Assert.Null(StringFormats.Find(new Grammar(), format));

    private static Node Find(string format) => StringFormats.Find(new Grammar(), format)!;

    private static bool IsInstant(string text) => DateTimeOffset.TryParseExact(
        text,
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK"],
        CultureInfo.InvariantCulture,
        DateTimeStyles.None,
        out _);
}
