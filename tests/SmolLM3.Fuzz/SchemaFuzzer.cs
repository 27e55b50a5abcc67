using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SmolLM3.Fuzz;

/// <summary>Makes schemas and tries each, until the time is over.</summary>
internal static class SchemaFuzzer
{
    private const int MostFindings = 20;
    private const string Hangs = "It hangs.";

    // What runtimes give the threads of their pool, where it is least.
    private const int StackBytes = 1_536 * 1024;

    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    /// <summary>Tries schemas. A finding is two files: the schema, and what is wrong with it. The schema that is tried
    /// stands in <c>current.json</c>, for the case that nobody is left to tell.</summary>
    public static int Run(FuzzSettings settings)
    {
        Directory.CreateDirectory(settings.Findings);
        string current = Path.Combine(settings.Findings, "current.json");
        SchemaSource source = new();
        Tally tally = new();
        int findings = 0;
        var watch = Stopwatch.StartNew();
        for (int i = 0; watch.Elapsed.TotalSeconds < settings.Seconds && findings < MostFindings; i++)
        {
            byte[] schema = Encoding.UTF8.GetBytes(source.Next(new Random(HashCode(settings.Seed, i))));
            File.WriteAllBytes(current, schema);
            if (Try(schema, out TrialReport? report) is { } finding)
            {
                // What hangs goes on, and would make others look slow.
                findings += finding == Hangs ? MostFindings : 1;
                string name = string.Create(CultureInfo.InvariantCulture, $"seed{settings.Seed}-{i}");
                File.WriteAllBytes(Path.Combine(settings.Findings, name + ".json"), schema);
                File.WriteAllText(Path.Combine(settings.Findings, name + ".txt"), finding);
                Console.WriteLine($"{name}: {Shortened(finding)}");
            }
            else
            {
                tally.Add(report!, schema);
            }
        }

        File.Delete(current);
        Console.WriteLine(tally);
        Console.WriteLine($"{findings} findings{(findings > 0 ? " in " + settings.Findings : "")}");
        return findings > 0 ? 1 : 0;
    }

    /// <summary>Tries one schema.</summary>
    public static int Retry(byte[] schema)
    {
        string? finding = Try(schema, out TrialReport? report);
        Console.WriteLine(finding ?? report!.ToString());
        return finding is null ? 0 : 1;
    }

    private static string? Try(byte[] schema, out TrialReport? report)
    {
        string? finding = null;
        TrialReport? made = null;
        Thread thread = new(() => finding = Try(schema, () => made = SchemaTrial.Run(schema)), StackBytes)
        {
            IsBackground = true,
        };
        thread.Start();
        bool ended = thread.Join(s_hang);
        report = made;
        return ended ? finding : Hangs;
    }

    private static string? Try(byte[] schema, Action trial)
    {
        try
        {
            trial();
            return null;
        }
        catch (Exception error)
        {
            return error is FindingException && error.InnerException is null ? error.Message : error.ToString();
        }
    }

    // As System.HashCode, but the same in every process.
    private static int HashCode(int seed, int index) => unchecked((seed * 1_000_003) ^ (index * 7_919));

    private static string Shortened(string text)
    {
        string line = text.Split('\n')[0];
        return line[..Math.Min(line.Length, 300)];
    }
}
