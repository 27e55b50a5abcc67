using System.CommandLine;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 rm</c>: a model off this machine.</summary>
internal static class RemoveCommand
{
    public static Command Create()
    {
        Argument<string> model = Arguments.HubModel("The model, as pull and list name it.");
        var command = new Command(
            "rm", "Deletes a model from the cache, and what unfinished downloads of its repository left.") { model };
        command.SetAction(result =>
        {
            ModelReference reference = LocalModels.NameOf(result.GetRequiredValue(model));
            (IReadOnlyList<CachedFile> files, long bytes) = new CacheWriter(LocalModels.Cache).Remove(reference);
            if (files.Count == 0 && bytes == 0)
            {
                throw LocalModels.NotHere(reference);
            }

            foreach (string name in files.Select(file => file.Name).Distinct())
            {
                Console.WriteLine($"Deleted {reference.Repository}/{Visible.Of(name)}");
            }

            Console.WriteLine($"Freed {ByteText.Of(bytes)}");
        });
        return command;
    }
}
