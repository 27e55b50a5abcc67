namespace SmolLM3.House.Tests;

/// <summary>The working tree these tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Hand-written C# files below a folder of the repository, build outputs left out.</summary>
    public static IReadOnlyList<string> Sources(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories).Where(IsSource)];

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static bool IsSource(string file)
    {
        string[] parts = Relative(file).Split('/');
        return !parts.Contains("bin") && !parts.Contains("obj") && !parts.Contains("node_modules");
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SmolLM3.Extensions.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests run outside the repository: SmolLM3.Extensions.sln is in no parent.");
    }
}
