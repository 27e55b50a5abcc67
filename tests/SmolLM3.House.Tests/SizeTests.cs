namespace SmolLM3.House.Tests;

/// <summary>Files stay small enough to be read in one go.</summary>
public sealed class SizeTests
{
    private const int MostLines = 350;
    private const int MostLinesOfNineInTen = 220;
    private const int MedianBelow = 100;

    [Fact]
    public void No_file_is_over_350_lines()
    {
        string[] tooLong = [.. Lengths("src", "tests", "samples")
            .Where(file => file.Lines > MostLines).Select(file => $"{file.Path}: {file.Lines}")];

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Half_of_the_files_are_under_100_lines_and_nine_in_ten_under_220()
    {
        int[] lines = [.. Lengths("src").Select(file => file.Lines).Order()];

        Assert.InRange(lines[lines.Length / 2], 1, MedianBelow);
        Assert.InRange(lines[lines.Length * 9 / 10], 1, MostLinesOfNineInTen);
    }

    // Lines go to 120; a last word may hang over.
    private const int MostCharacters = 130;

    [Fact]
    public void No_line_runs_far_over_120_characters()
    {
        string[] tooLong = [.. Repository.Sources("src").Concat(Repository.Sources("tests"))
            .SelectMany(file => File.ReadLines(file).Select((line, i) => (file, i, line)))
            .Where(place => place.line.Length > MostCharacters)
            .Select(place => $"{Repository.Relative(place.file)}:{place.i + 1}")];

        Assert.Empty(tooLong);
    }

    private static IEnumerable<(string Path, int Lines)> Lengths(params string[] folders) =>
        folders.SelectMany(Repository.Sources).Select(file => (Repository.Relative(file), File.ReadLines(file).Count()));
}
