using System.Collections.Concurrent;
using System.Globalization;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Patterns;

/// <summary>The characters that have a property of Unicode: a general category, or one of the three that ECMA-262
/// defines itself. Any thread may ask.</summary>
internal static class UnicodeProperties
{
    private const int LastCharacter = 0x10FFFF;

    // In the order of UnicodeCategory.
    private static readonly string[] s_codes =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly Dictionary<string, string> s_codesOfNames = new(StringComparer.Ordinal)
    {
        ["Letter"] = "L",
        ["Cased_Letter"] = "LC",
        ["Uppercase_Letter"] = "Lu",
        ["Lowercase_Letter"] = "Ll",
        ["Titlecase_Letter"] = "Lt",
        ["Modifier_Letter"] = "Lm",
        ["Other_Letter"] = "Lo",
        ["Mark"] = "M",
        ["Combining_Mark"] = "M",
        ["Nonspacing_Mark"] = "Mn",
        ["Spacing_Mark"] = "Mc",
        ["Enclosing_Mark"] = "Me",
        ["Number"] = "N",
        ["Decimal_Number"] = "Nd",
        ["digit"] = "Nd",
        ["Letter_Number"] = "Nl",
        ["Other_Number"] = "No",
        ["Separator"] = "Z",
        ["Space_Separator"] = "Zs",
        ["Line_Separator"] = "Zl",
        ["Paragraph_Separator"] = "Zp",
        ["Other"] = "C",
        ["Control"] = "Cc",
        ["cntrl"] = "Cc",
        ["Format"] = "Cf",
        ["Surrogate"] = "Cs",
        ["Private_Use"] = "Co",
        ["Unassigned"] = "Cn",
        ["Punctuation"] = "P",
        ["punct"] = "P",
        ["Connector_Punctuation"] = "Pc",
        ["Dash_Punctuation"] = "Pd",
        ["Open_Punctuation"] = "Ps",
        ["Close_Punctuation"] = "Pe",
        ["Initial_Punctuation"] = "Pi",
        ["Final_Punctuation"] = "Pf",
        ["Other_Punctuation"] = "Po",
        ["Symbol"] = "S",
        ["Math_Symbol"] = "Sm",
        ["Currency_Symbol"] = "Sc",
        ["Modifier_Symbol"] = "Sk",
        ["Other_Symbol"] = "So",
    };

    // By UnicodeCategory; reading them goes over all characters, so only who asks pays for it.
    private static readonly Lazy<CharacterSet[]> s_categories = new(ReadCategories);

    private static readonly ConcurrentDictionary<string, CharacterSet> s_found = new(StringComparer.Ordinal);

    /// <summary>Finds what <c>\p{...}</c> stands for.</summary>
    /// <param name="property">What is between the braces.</param>
    /// <returns>Null for a property that is not known, such as a script.</returns>
    public static CharacterSet? Find(string property)
    {
        switch (property)
        {
            case "Any":
                return CharacterSet.All;
            case "ASCII":
                return CharacterSet.Range(0, 0x7F);
            case "Assigned":
                return ~s_categories.Value[(int)UnicodeCategory.OtherNotAssigned];
        }

        string name = property.Split('=') is ["General_Category" or "gc", string value] ? value : property;
        string code = s_codesOfNames.GetValueOrDefault(name, name);
        if (s_found.TryGetValue(code, out CharacterSet? known))
        {
            return known;
        }

        CharacterSet[] members = [.. s_codes.Index()
            .Where(category => IsWithin(category.Item, code))
            .Select(category => s_categories.Value[category.Index])];
        return members.Length == 0 ? null : s_found[code] = PatternCharacters.Union(members);
    }

    private static bool IsWithin(string category, string code) =>
        code == "LC" ? category is "Lu" or "Ll" or "Lt"
        : code.Length == 1 ? category[0] == code[0]
        : category == code;

    private static CharacterSet[] ReadCategories()
    {
        List<CharacterSet>[] runs = [.. s_codes.Select(_ => new List<CharacterSet>())];
        int first = 0;
        for (int character = 1; character <= LastCharacter + 1; character++)
        {
            UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(first);
            if (character > LastCharacter || CharUnicodeInfo.GetUnicodeCategory(character) != category)
            {
                runs[(int)category].Add(CharacterSet.Range(first, character - 1));
                first = character;
            }
        }

        return [.. runs.Select(ranges => PatternCharacters.Union([.. ranges]))];
    }
}
