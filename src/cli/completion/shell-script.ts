/** The shells that have completion. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

const bash = `# Completion of orchestra for bash. Load it from ~/.bashrc:
#   eval "$(orchestra completion bash)"
_orchestra() {
	local word about
	COMPREPLY=()
	while IFS=$'\\t' read -r word about; do
		case $word in
			:files)
				compopt -o filenames 2>/dev/null
				while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$2")
				;;
			:nospace) compopt -o nospace 2>/dev/null ;;
			*) COMPREPLY+=("$word") ;;
		esac
	done < <("$1" complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -F _orchestra orchestra
`;

const zsh = `#compdef orchestra
# Completion of orchestra for zsh. Load it from ~/.zshrc, after compinit:
#   eval "$(orchestra completion zsh)"
_orchestra() {
	local -a values shown
	local line files space=' ' tab=$'\\t'
	for line in "\${(@f)$(command orchestra complete zsh "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
		case $line in
			'') ;;
			:files) files=1 ;;
			:nospace) space='' ;;
			*)
				values+=("\${line%%$tab*}")
				shown+=("\${line/$tab/  -- }")
				;;
		esac
	done
	(( $#values )) && compadd -S "$space" -l -d shown -- "\${values[@]}"
	[[ -n $files ]] && _files
	return 0
}
if [[ \${funcstack[1]} == _orchestra ]]; then _orchestra "$@"; else compdef _orchestra orchestra; fi
`;

const fish = `# Completion of orchestra for fish. Load it from ~/.config/fish/config.fish:
#   orchestra completion fish | source
function __orchestra_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct)
	set -e words[1]
	for line in (command orchestra complete fish $words "$current" 2>/dev/null)
		switch $line
			case ':files'
				__fish_complete_path "$current"
			case ':nospace'
			case '*'
				printf '%s\\n' $line
		end
	end
end
complete -c orchestra -f -a '(__orchestra_complete)'
`;

/** The script that makes a shell ask for completions. */
export const shellScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
