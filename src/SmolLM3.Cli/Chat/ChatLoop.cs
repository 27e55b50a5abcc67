using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Chat;

/// <summary>Reads lines, obeys those that are commands, and answers the others.</summary>
/// <param name="conversation">The chat.</param>
/// <param name="statistics">What its answers took.</param>
/// <param name="view">Where it is shown.</param>
/// <param name="tools">What <c>/tools</c> switches on.</param>
/// <param name="stop">Stops an answer.</param>
/// <param name="contextLength">Most tokens of the conversation; loads the model.</param>
internal sealed class ChatLoop(
    Conversation conversation,
    ChatStatistics statistics,
    IChatView view,
    IList<AITool> tools,
    AnswerStop stop,
    Func<int> contextLength)
{
    private const string Help =
        """
        /think, /no_think   think before answering, or answer at once
        /thought            the last thought; /fold folds thoughts into one line each, or unfolds them
        /tools              let the model call the clock and the dice, or no longer
        /new                a new conversation
        /save F, /load F    the conversation to a file and back
        /stats              tokens and times
        /quit               ends, as does the end of input
        Ctrl-C stops the answer. A message that begins with a slash is written with two.
        """;

    /// <summary>Chats until the input ends or <c>/quit</c>.</summary>
    /// <param name="readLine">The next line; null: the input has ended.</param>
    /// <param name="isInteractive">Whether somebody is there to try again: else the first mistake ends the chat.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        Func<CancellationToken, ValueTask<string?>> readLine, bool isInteractive, CancellationToken cancellationToken)
    {
        while (await readLine(cancellationToken) is { } line)
        {
            try
            {
                if (!await TakeAsync(line.Trim(), cancellationToken))
                {
                    return;
                }
            }
            catch (Exception e) when (isInteractive && ExitCodes.IsMistake(e))
            {
                view.Error(e.Message);
            }
        }
    }

    /// <returns>Whether to go on.</returns>
    private async Task<bool> TakeAsync(string line, CancellationToken cancellationToken)
    {
        if (line.Length == 0)
        {
            return true;
        }

        if (line[0] != '/' || line.StartsWith("//", StringComparison.Ordinal))
        {
            string question = line[0] == '/' ? line[1..] : line;
            if (!await stop.RunAsync(token => conversation.AskAsync(question, view, token), cancellationToken))
            {
                view.Notice("(stopped)");
            }

            return true;
        }

        string[] words = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        return Obey(words[0], words.Length > 1 ? words[1].Trim() : null);
    }

    private bool Obey(string command, string? file)
    {
        switch (command)
        {
            case "/think" or "/no_think":
                conversation.Thinks = command == "/think";
                view.Notice(command == "/think" ? "It thinks first." : "It answers at once.");
                break;
            case "/thought":
                view.Notice(conversation.LastThought ?? "There was no thought.");
                break;
            case "/fold" when view is TerminalView terminal:
                terminal.FoldsThoughts = !terminal.FoldsThoughts;
                view.Notice(terminal.FoldsThoughts ? "Thoughts are folded." : "Thoughts are shown.");
                break;
            case "/tools":
                conversation.Tools = conversation.Tools is null ? tools : null;
                view.Notice(conversation.Tools is null
                    ? "It calls nothing."
                    : $"It may call {string.Join(" and ", tools.Select(tool => tool.Name))}.");
                break;
            case "/new":
                conversation.Clear();
                view.Notice("A new conversation.");
                break;
            case "/save":
                conversation.Save(Path(file, command));
                view.Notice($"{conversation.Count} messages saved.");
                break;
            case "/load":
                conversation.Load(Path(file, command));
                view.Notice($"{conversation.Count} messages loaded.");
                break;
            case "/stats":
                foreach (string line in statistics.Lines(contextLength()))
                {
                    view.Notice(line);
                }

                break;
            case "/help":
                view.Notice(Help);
                break;
            case "/quit" or "/exit":
                return false;
            default:
                throw new ArgumentException($"There is no command {command} here; /help lists them.");
        }

        return true;
    }

    private static string Path(string? file, string command) =>
        file ?? throw new ArgumentException($"{command} takes the name of a file.");
}
