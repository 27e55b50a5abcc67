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
        var json = Arguments.Json();
        var command = new Command(
            "rm", "Deletes a model from the cache, and what an unfinished download of it left.") { model, json };
        command.SetAction(result =>
        {
            ModelReference reference = LocalModels.NameOf(result.GetRequiredValue(model));
            (IReadOnlyList<CachedFile> files, long bytes) = new CacheWriter(LocalModels.Cache).Remove(reference);
            if (files.Count == 0 && bytes == 0)
            {
                throw LocalModels.NotHere(reference);
            }

            string[] names = [.. files.Select(file => $"{reference.Repository}/{file.Name}").Distinct()];
            if (result.GetValue(json))
            {
                Console.WriteLine(Json.Page(new { Deleted = names, FreedBytes = bytes }));
                return;
            }

            foreach (string name in names)
            {
                Console.WriteLine($"Deleted {Visible.Of(name)}");
            }

            Console.WriteLine($"Freed {ByteText.Of(bytes)}");
        });
        return command;
    }
}
