using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Tests.Chat;

public class PythonTextTests
{
    [Fact]
    public void Exactly_pythons_blanks_are_trimmed()
    {
        HashSet<int> blanks = Codes("blank");

        for (int code = 0; code <= char.MaxValue; code++)
        {
            string text = "x" + (char)code;
            Assert.Equal(blanks.Contains(code) ? "x" : text, PythonText.TrimEnd(text));
        }
    }

    [Fact]
    public void Exactly_pythons_printable_characters_are_printable_but_for_those_younger_than_its_tables()
    {
        HashSet<int> printable = Codes("printable");
        HashSet<int> unassigned = Codes("unassigned");

        for (int code = 0; code <= 0x10ffff; code++)
        {
            if (Rune.IsValid(code) && !unassigned.Contains(code))
            {
                Assert.True(printable.Contains(code) == PythonText.IsPrintable(new Rune(code)), $"U+{code:X4}");
            }
        }
    }

    private static HashSet<int> Codes(string name)
    {
        HashSet<int> codes = [];
        foreach (JsonElement range in ExpectedData.Characters.GetProperty(name).EnumerateArray())
        {
            codes.UnionWith(Enumerable.Range(range[0].GetInt32(), range[1].GetInt32() - range[0].GetInt32() + 1));
        }

        return codes;
    }
}
